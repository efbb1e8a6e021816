// What is posted, in order, and what has to become of it. Signed at one fixed time, received at another, so that nothing
// here depends on the wall clock.

import { gzipSync } from "node:zlib";
import { tamper } from "countersign/testing";
import { mounts } from "./mounts.mjs";
import { readRecorded } from "./recorded.mjs";
import { expectation } from "./statuses.mjs";
import { maxBodyBytes } from "./watch.mjs";

const signedAt = Date.UTC(2026, 2, 2, 12);
let serial = 0;

function requestOf({ headers, body }, options = {}) {
  const { method = "POST", extraHeaders = {}, streamed = false } = options;
  const length = streamed ? {} : { "content-length": String(body.length) };
  return {
    method,
    headers: Object.entries({ host: "example.test", ...headers, ...length, ...extraHeaders }),
    body,
  };
}

/** Everything that is posted to one provider's endpoint. */
export function deliveriesTo(mount) {
  const { label, name, path, options, codes, bindsBody } = mount;
  const [, usual] = mount.samples[0];
  const [, other] = mount.samples.at(-1);
  const fresh = (event) => {
    serial += 1;
    return mount.fresh(event, serial);
  };
  const genuine = (event = usual) => mount.sign(fresh(event), signedAt);
  const row = (title, verdict, request, rest = {}) => ({
    provider: label,
    path,
    title,
    request,
    at: signedAt,
    expected: expectation(verdict),
    ...rest,
  });
  const plain = (title, verdict, delivery, rest) => row(title, verdict, requestOf(delivery), rest);

  const repeated = requestOf(genuine());
  const retried = requestOf(genuine());
  const overtaken = requestOf(genuine());
  const compressed = genuine();
  const large = mount.sign(" ".repeat(maxBodyBytes + 1), signedAt);
  const { invalid } = mount;

  return [
    ...mount.samples.map(([type, event]) => plain(`genuine ${type}`, "handled", genuine(event))),
    ...mount.recorded.map((recording) => ({
      provider: label,
      path,
      title: `recorded ${recording}`,
      ...readRecorded(name, recording, options),
    })),

    plain(
      "body swapped",
      bindsBody ? codes.forged : "handled",
      { headers: genuine().headers, body: genuine(other).body },
      bindsBody ? {} : { note: "body not bound" },
    ),
    ...(bindsBody
      ? [plain("one bit of the body flipped", codes.forged, tamper(genuine(), "body"))]
      : []),
    plain("signature changed", codes.forged, tamper(genuine(), "signature")),
    ...mount.forgedFields.map((field) =>
      plain(`${field} changed`, codes.forged, tamper(genuine(), field)),
    ),
    plain("signed with another secret", codes.forged, mount.forge(fresh(usual), signedAt)),
    plain("unsigned", codes.unsigned, tamper(genuine(), "unsigned")),
    ...mount.receivedLate.map(({ title, by, verdict, note }) =>
      plain(title, verdict, genuine(), { at: signedAt + by, note }),
    ),

    row("first of two", "handled", repeated),
    row("the same again", "duplicate", repeated),
    row("handler fails", "handler_failed", retried, { handler: "fails" }),
    row("retried", "handled", retried),
    row("retried once more", "duplicate", retried),
    row("handler takes its time", "handled", overtaken, {
      meanwhile: row("meanwhile the same", "in_progress", overtaken),
    }),

    plain("unknown type", "ignored", genuine(mount.unknown)),
    plain(
      "off-schema",
      invalid.verdict ?? "payload_invalid",
      invalid.asItIs ? mount.sign(invalid.event, signedAt) : genuine(invalid.event),
      { note: invalid.note },
    ),
    plain("not JSON", "payload_not_json", mount.sign("{", signedAt)),
    plain("not UTF-8", "payload_not_utf8", mount.sign(Uint8Array.of(0xff), signedAt)),
    plain("oversized, announced", "body_too_large", large),
    row("oversized, streamed", "body_too_large", requestOf(large, { streamed: true })),
    row(
      "compressed",
      "encoding_unsupported",
      requestOf(
        { headers: compressed.headers, body: gzipSync(compressed.body) },
        { extraHeaders: { "content-encoding": "gzip" } },
      ),
    ),
    row(
      "GET",
      "method_not_allowed",
      requestOf({ headers: {}, body: new Uint8Array() }, { method: "GET" }),
    ),
  ];
}

/** All deliveries of the demonstration. */
export function allDeliveries() {
  return mounts.flatMap(deliveriesTo);
}
