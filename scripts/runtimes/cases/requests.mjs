// Requests to the fetch adapter: the demonstration's deliveries, all recordings, and every state a `Request` can be in.

import { gzipSync } from "node:zlib";
import { deliveriesTo } from "../../demo/deliveries.mjs";
import { mounts } from "../../demo/mounts.mjs";
import { readRecorded, recordedOptions } from "../../demo/recorded.mjs";
import { expectation } from "../../demo/statuses.mjs";
import { maxBodyBytes } from "../../demo/watch.mjs";
import { mac } from "./sign.mjs";

/** A request as JSON. Without a length it is sent in pieces, as it would be over HTTP. */
function requestOf({ method, headers, body, arrives }) {
  const announced = headers.some(([name]) => name.toLowerCase() === "content-length");
  return {
    method,
    headers,
    body: Buffer.from(body).toString("base64"),
    arrives: arrives ?? (announced ? "whole" : "in pieces"),
  };
}

const inputOf = (delivery, name) => ({
  ...{ name, at: delivery.at, handler: delivery.handler, request: requestOf(delivery.request) },
  // Judged where the results are compared; in the runtime nothing is expected.
  expected: {},
});

/** Every delivery of the demonstration, to one endpoint for each provider, in order: some are repeated. */
export function demonstrationCases(addAll) {
  for (const mount of mounts) {
    const list = deliveriesTo(mount);
    const named = list.map((delivery, index) => {
      const name = `${mount.label}, ${index + 1}. ${delivery.title}`;
      const { meanwhile } = delivery;
      const input = inputOf(delivery, name);
      const expected = [[name, delivery.expected]];
      if (meanwhile === undefined) return { input, expected };
      const second = `${name}, ${meanwhile.title}`;
      return {
        input: { ...input, meanwhile: inputOf(meanwhile, second) },
        expected: [...expected, [second, meanwhile.expected]],
      };
    });
    addAll(
      { provider: mount.name, options: mount.options, deliveries: named.map(({ input }) => input) },
      named.flatMap(({ expected }) => expected),
    );
  }
}

/** Every recording as a request of its own. */
export function recordedRequestCases(addAll, { provider, cases }) {
  for (const { name, options, expect } of cases) {
    // Thrown while the provider is configured, so that there is nothing to send to.
    if (expect.verify.startsWith("secret_too")) continue;
    const { request, at, expected } = readRecorded(provider, name, options);
    const title = `${provider} ${name}`;
    addAll({ provider, options, deliveries: [inputOf({ request, at }, title)] }, [
      [title, expected],
    ]);
  }
}

/** Every state in which a request can reach the adapter. */
export function requestStateCases(addAll) {
  const options = recordedOptions("vove", "idv-successful");
  const key = Buffer.from(options.secret.replace("whsec_", ""), "base64");
  const at = Date.UTC(2026, 2, 2, 12);
  let serial = 0;

  const signed = (content) => {
    serial += 1;
    const body = Buffer.from(content);
    const timestamp = String(at / 1000);
    const id = `msg_state_${serial}`;
    const headers = [
      ["svix-id", id],
      ["svix-timestamp", timestamp],
      ["svix-signature", `v1,${mac(key, "base64", `${id}.${timestamp}.`, body)}`],
    ];
    return { headers, body };
  };
  const genuine = '{"status":"successful","refId":"Žofie 🌍","userId":"user-1"}';
  const check = (
    title,
    verdict,
    { content = genuine, add = [], change, method, arrives = "whole" } = {},
  ) => {
    const { headers, body } = signed(content);
    const request = {
      ...{ method: method ?? "POST", arrives, body: change?.(body) ?? body },
      headers: [...headers, ...add],
    };
    const name = `vove, ${title}`;
    addAll({ provider: "vove", options, deliveries: [inputOf({ request, at }, name)] }, [
      [name, expectation(verdict)],
    ]);
  };

  check("whole", "handled");
  check("in pieces", "handled", { arrives: "in pieces" });
  check("a clone", "handled", { arrives: "cloned" });
  check("identity encoding", "handled", { add: [["content-encoding", "identity"]] });
  check("compressed", "encoding_unsupported", {
    add: [["content-encoding", "gzip"]],
    change: gzipSync,
  });
  check("another type of content", "handled", { add: [["content-type", "text/plain"]] });
  check("no type of content that anybody knows", "handled", { add: [["content-type", "garbage"]] });
  for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    check(method, "method_not_allowed", { method });
  }
  check("already read", "body_already_parsed", { arrives: "is read" });
  check("locked", "body_already_parsed", { arrives: "is locked" });
  check("broken off", "body_unreadable", { arrives: "broken" });
  const padded = genuine.padEnd(maxBodyBytes - Buffer.byteLength(genuine) + genuine.length);
  check("as large as allowed", "handled", { content: padded });
  check("as large as allowed, in pieces", "handled", { content: padded, arrives: "in pieces" });
  check("a byte too large", "body_too_large", { content: `${padded} ` });
  check("a byte too large, in pieces", "body_too_large", {
    content: `${padded} `,
    arrives: "in pieces",
  });
  check("empty", "payload_not_json", { content: "" });
  check("emptied", "signature_mismatch", { change: () => Buffer.alloc(0) });
  check("one bit flipped", "signature_mismatch", {
    change: (body) => Buffer.from(body.map((byte, index) => (index === 9 ? byte ^ 1 : byte))),
  });
  check("not UTF-8", "payload_not_utf8", { content: Buffer.of(0x22, 0xff, 0x22) });
  check("a surrogate alone, as bytes", "payload_not_utf8", {
    content: Buffer.of(0x22, 0xed, 0xa0, 0x80, 0x22),
  });
  check("a surrogate alone, escaped", "handled", {
    content: '{"status":"successful","refId":"\\ud800"}',
  });
  check("byte order mark", "payload_not_json", { content: `\ufeff${genuine}` });
  check("UTF-16", "payload_not_utf8", { content: Buffer.from(`\ufeff${genuine}`, "utf16le") });
  check("not JSON", "payload_not_json", { content: "status=successful" });
  check("comma at the end", "payload_not_json", { content: '{"status":"successful",}' });
  check("not a number", "payload_not_json", { content: '{"status":NaN}' });
  check("null", "ignored", { content: "null" });
  check("a list", "ignored", { content: "[]" });
  check("no subject", "payload_invalid", { content: '{"status":"successful"}' });
  check("depth", "ignored", { content: `${"[".repeat(4000)}${"]".repeat(4000)}` });
  check("another prototype", "handled", {
    content: '{"__proto__":{"status":"x"},"status":"successful","refId":"user-1"}',
  });
  check("keys twice", "handled", {
    content: '{"status":"pending","status":"successful","refId":"user-1"}',
  });
  check("a number beyond all", "handled", {
    content: '{"status":"successful","refId":"user-1","score":1e400}',
  });
  check("signature twice", "signature_malformed", { add: [["svix-signature", "v1,x"]] });
}
