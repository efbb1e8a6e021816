// Reads the recorded deliveries in fixtures/. The code under test had no part in signing them.

import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { expectation } from "./statuses.mjs";

const root = new URL("../../fixtures/", import.meta.url);

function caseOf(provider, name) {
  const { cases } = JSON.parse(readFileSync(new URL(`${provider}/cases.json`, root), "utf8"));
  const found = cases.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`fixtures/${provider} has no case ${name}`);
  return found;
}

/** Splits a request as it came over the wire. Headers stay pairs, in order and as they are spelt. */
function parseRequest(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  const [requestLine, ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return { method: requestLine.split(" ")[0], headers, body: bytes.subarray(end + 4) };
}

/** The options, secrets included, for which a provider's case was recorded. */
export function recordedOptions(provider, name) {
  return caseOf(provider, name).options;
}

/** A file of fixtures/. */
export function readFixture(path) {
  return readFileSync(new URL(path, root), "utf8");
}

/** A recorded delivery as it came over the wire. */
export function recordedRequest(provider, file) {
  return parseRequest(readFileSync(new URL(`${provider}/${file}`, root)));
}

/** A recorded delivery, the time at which it is received, and what has to become of it. */
export function readRecorded(provider, name, options) {
  const { file, now, expect, options: itsOptions } = caseOf(provider, name);
  if (!isDeepStrictEqual(itsOptions, options)) {
    throw new Error(`fixtures/${provider}: ${name} was recorded for other options`);
  }
  const authentic = expect.known ? "handled" : "ignored";
  return {
    request: recordedRequest(provider, file),
    at: now * 1000,
    expected: expectation(expect.verify === "ok" ? authentic : expect.verify),
  };
}
