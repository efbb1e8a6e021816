// Writes the recorded deliveries, fixtures/<provider>/*.http, from that folder's cases.json and bodies/.
//
//   node scripts/make-fixtures.mjs           writes what is missing or differs
//   node scripts/make-fixtures.mjs --check   writes nothing; exit 1 when something differs
//
// Signatures are computed here, from the documented recipes and node:crypto alone. Nothing is
// imported from the package: a fixture signed by the code it tests would prove nothing.
// The format of cases.json is described in fixtures/README.md.

import { createHash, createHmac, createPrivateKey, sign } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const root = new URL("../fixtures/", import.meta.url);
const check = process.argv.includes("--check");

const mac = (key, ...pieces) => {
  const hmac = createHmac("sha256", key);
  for (const piece of pieces) hmac.update(piece);
  return hmac;
};

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

const keys = {
  utf8: (secret) => Buffer.from(secret, "utf8"),
  "whsec-hex": (secret) => Buffer.from(secret.replace(/^whsec_/, ""), "hex"),
  "whsec-base64": (secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64"),
};

/** One entry per way of proving the sender: (recipe, sign, body, folder) → signature headers. */
const recipes = {
  svix: (recipe, { id, timestamp, secrets, names = "Svix" }, body) => {
    const macs = secrets.map((secret) =>
      mac(keys[recipe.key](secret), `${id}.${timestamp}.`, body).digest("base64"),
    );
    return [
      [`${names}-Id`, id],
      [`${names}-Timestamp`, String(timestamp)],
      [`${names}-Signature`, macs.map((value) => `v1,${value}`).join(" ")],
    ];
  },
  stampedHmac: (recipe, { timestamp, secrets }, body) => {
    const macs = secrets.map((secret) =>
      mac(keys[recipe.key](secret), `${timestamp}.`, body).digest("hex"),
    );
    return [[recipe.header, [`t=${timestamp}`, ...macs.map((value) => `v1=${value}`)].join(",")]];
  },
  hmac: (recipe, { secrets: [secret] }, body) => [
    [recipe.header, mac(keys[recipe.key](secret), body).digest("hex")],
  ],
  // Ed25519 is deterministic, so a token can be made again instead of being stored.
  bearerJwt: (recipe, { claims }, _body, folder) => {
    const { kty, crv, x, d, kid } = JSON.parse(readFileSync(new URL(recipe.key, folder), "utf8"));
    const signed = `${base64url({ alg: "EdDSA", typ: "at+jwt", kid })}.${base64url(claims)}`;
    const key = createPrivateKey({ key: { kty, crv, x, d }, format: "jwk" });
    const signature = sign(null, Buffer.from(signed), key).toString("base64url");
    return [["Authorization", `Bearer ${signed}.${signature}`]];
  },
};

const problems = [];
const counts = { cases: 0, written: 0 };

for (const provider of readdirSync(root).sort()) {
  const folder = new URL(`${provider}/`, root);
  if (existsSync(new URL("cases.json", folder))) makeProvider(provider, folder);
}

for (const problem of problems) console.error(problem);
console.log(
  `${counts.cases} cases, ${counts.written} files written, ${problems.length} problem(s)`,
);
process.exitCode = problems.length > 0 ? 1 : 0;

function makeProvider(provider, folder) {
  const set = JSON.parse(readFileSync(new URL("cases.json", folder), "utf8"));
  const files = new Set();
  const bodies = new Set();
  if (set.provider !== provider)
    problems.push(`${provider}/cases.json: provider is not the folder`);

  for (const entry of set.cases) {
    const where = `${provider}/${entry.file}`;
    if (files.has(entry.file)) problems.push(`${where}: named by two cases`);
    if (entry.file !== `${entry.name}.http`) problems.push(`${where}: file and name differ`);
    files.add(entry.file);
    for (const name of [entry.request.body, entry.request.sign?.body]) if (name) bodies.add(name);
    counts.cases += 1;

    const { bytes, body, headers } = makeDelivery(provider, folder, set, entry);
    for (const claim of wrongClaims(entry, body, headers)) problems.push(`${where}: ${claim}`);
    save(where, new URL(entry.file, folder), bytes);
  }

  for (const name of readdirSync(folder)) {
    if (name.endsWith(".http") && !files.has(name)) problems.push(`${provider}/${name}: no case`);
  }
  for (const name of readdirSync(new URL("bodies/", folder))) {
    if (!bodies.has(name)) problems.push(`${provider}/bodies/${name}: no case`);
  }
}

/** The request as it came over the wire: CRLF lines, an empty line, then exactly the body's bytes. */
function makeDelivery(provider, folder, set, { request }) {
  const read = (name) => readFileSync(new URL(`bodies/${name}`, folder));
  const body = read(request.body);
  const headers = new Map();
  const add = ([name, value]) => headers.set(name.toLowerCase(), [name, value]);

  for (const header of set.headers) add(header);
  add(["Content-Length", String(body.length)]);
  if (request.sign) {
    // `sign.body` names the bytes that were signed when they are not the bytes that were sent.
    const signed = request.sign.body ? read(request.sign.body) : body;
    for (const header of recipes[set.recipe.scheme](set.recipe, request.sign, signed, folder)) {
      add(header);
    }
  }
  for (const header of request.headers ?? []) add(header);

  const lines = [...headers.values()].map(([name, value]) => `${name}: ${value}`);
  const head = [`POST /webhooks/${provider} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  return { bytes: Buffer.concat([Buffer.from(head, "latin1"), body]), body, headers };
}

/** What a case says by hand and this script can compute: body digests, pinned MACs, freshness. */
function wrongClaims({ request, expect, now }, body, headers) {
  const wrong = [];
  const { sign: signing } = request;
  const values = [...headers.values()].map(([, value]) => value);

  const digest = createHash("sha256").update(body).digest("hex");
  if (/^[0-9a-f]{64}$/.test(expect.id ?? "") && expect.id !== digest) {
    wrong.push(`expect.id should be ${digest}`);
  }
  if (signing?.digest && !values.some((value) => value.includes(signing.digest))) {
    wrong.push(`the computed signature is not the pinned ${signing.digest}`);
  }
  if (expect.verify === "ok") {
    if (signing?.timestamp && Math.abs(now - signing.timestamp) > 300) wrong.push("not fresh");
    if (signing?.claims && !(signing.claims.iat <= now && now < signing.claims.exp)) {
      wrong.push("the token is not valid at `now`");
    }
  }
  if (values.some((value) => !/^[\x20-\x7e]*$/.test(value))) wrong.push("a header is not ASCII");
  return wrong;
}

function save(where, file, bytes) {
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  if (check) {
    problems.push(`${where}: differs from what would be written`);
  } else {
    writeFileSync(file, bytes);
    counts.written += 1;
  }
}
