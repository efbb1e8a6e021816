// How the cost of one verification grows with what a sender or a user can make longer:  growth.mjs <settings as JSON>

import { createHmac, randomBytes } from "node:crypto";
import { svix } from "countersign";
import { collect } from "../lib/collect.mjs";
import { measureRounds } from "../lib/rounds.mjs";
import { bodyOf } from "../verify/bodies.mjs";

const id = "msg_2f4k6a8c0e1g3i5k7m9o";

function signed(key, body) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return {
    headers: { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": `v1,${mac}` },
    body,
  };
}

const secretOf = (key) => `whsec_${key.toString("base64")}`;
const small = Buffer.from(bodyOf(1024));
const randomKeys = (count) => Array.from({ length: count }, () => randomBytes(32));

/** What fits is always the last, so that all before it are tried. */
const cases = {
  secrets: {
    at: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    make: (count) => {
      const keys = randomKeys(count);
      return [keys.map(secretOf), signed(keys.at(-1), small)];
    },
  },
  signatures: {
    at: [1, 8, 16, 24, 32, 40, 48, 56, 64],
    make: (count) => {
      const [key] = randomKeys(1);
      const delivery = signed(key, small);
      const others = randomKeys(count - 1).map((mac) => `v1,${mac.toString("base64")}`);
      const all = [...others, delivery.headers["svix-signature"]].join(" ");
      return [
        secretOf(key),
        { ...delivery, headers: { ...delivery.headers, "svix-signature": all } },
      ];
    },
  },
  headers: {
    at: [3, 25, 50, 75, 100, 125, 150, 175, 200],
    make: (count) => {
      const [key] = randomKeys(1);
      const { headers, body } = signed(key, small);
      const others = Array.from({ length: count - 3 }, (_, index) => [
        `x-header-${index}`,
        "value",
      ]);
      return [secretOf(key), { headers: { ...Object.fromEntries(others), ...headers }, body }];
    },
  },
  "body bytes": {
    at: [1, 2, 4, 6, 8, 10].map((mebibytes) => mebibytes * 1_048_576),
    make: (bytes) => {
      const [key] = randomKeys(1);
      return [secretOf(key), signed(key, Buffer.from(bodyOf(bytes)))];
    },
  },
};

async function measureCase({ at, make }, { rounds, batchMs }) {
  const run = Object.fromEntries(
    at.map((count) => {
      const [secret, delivery] = make(count);
      const scheme = svix({ secret });
      if (scheme.verify(delivery).id !== id) throw new Error("not verified");
      return [count, () => scheme.verify(delivery)];
    }),
  );
  const time = async (count, iterations) => {
    const begin = performance.now();
    for (let index = 0; index < iterations; index += 1) run[count]();
    return performance.now() - begin;
  };
  return measureRounds({ names: at.map(String), time, rounds, batchMs, collect });
}

const settings = JSON.parse(process.argv[2]);
const results = {};
for (const [name, one] of Object.entries(cases)) results[name] = await measureCase(one, settings);
console.log(JSON.stringify(results));
