// What the debugger offers for each provider: the forms of its options and a few recorded deliveries, both from
// fixtures/<id>/cases.json, so that a new provider needs nothing here.

import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const secretNames = /secret|value|token/i;

/** Labels tell which secret fitted; a page that is told one secret after the other needs none. */
function withoutLabels(value) {
  if (Array.isArray(value)) return value.map(withoutLabels);
  if (!isObject(value)) return value;
  const isLabelled = Object.keys(value).sort().join() === "label,value";
  const entries = Object.entries(value).map(([key, one]) => [key, withoutLabels(one)]);
  return isLabelled ? value.value : Object.fromEntries(entries);
}

/** The texts in options, and whatever else, as fields. */
function fieldsOf(options, path = []) {
  return Object.entries(options).flatMap(([key, value]) => {
    const own = [...path, key];
    const isSecret = secretNames.test(key);
    const isList = Array.isArray(value) && value.every((one) => typeof one === "string");
    if (typeof value === "string" || (isList && isSecret)) {
      // An invented secret must not look like a default.
      return isSecret ? { path: own, kind: "secrets" } : { path: own, kind: "text", value };
    }
    const isDeep = isObject(value) && Object.values(value).some((one) => typeof one === "string");
    return isDeep ? fieldsOf(value, own) : { path: own, kind: "json" };
  });
}

const titleOf = (fields) => fields.map(({ path }) => path.join(".")).join(", ");

/** A request with another body, as a server would hand it on that has parsed and written it. */
function writtenAgain(file) {
  const end = file.indexOf("\r\n\r\n");
  const sent = file.subarray(end + 4).toString("utf8");
  const compact = JSON.stringify(JSON.parse(sent));
  const body = sent === compact ? JSON.stringify(JSON.parse(sent), null, 2) : compact;
  const head = file.subarray(0, end).toString("latin1");
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return Buffer.concat([
    Buffer.from(`${head.replace(/^content-length:.*$/im, length)}\r\n\r\n`, "latin1"),
    Buffer.from(body),
  ]);
}

function offerOf(id) {
  const file = readFileSync(new URL(`fixtures/${id}/cases.json`, root), "utf8");
  const { recipe, cases: recorded } = JSON.parse(file);
  const cases = recorded.map((one) => ({ ...one, options: withoutLabels(one.options) }));
  const variants = new Map();
  const examples = new Map();
  const fileOf = (one) => readFileSync(new URL(`fixtures/${id}/${one.file}`, root));
  const add = (key, title, one, file = fileOf(one)) => {
    if (examples.has(key)) return;
    const { options, now } = one;
    examples.set(key, { title, options, now, base64: file.toString("base64") });
  };
  for (const one of cases) {
    const fields = fieldsOf(one.options);
    const title = titleOf(fields);
    if (!variants.has(title)) variants.set(title, { title, fields });
    if (one.expect.verify === "ok") add(`ok ${title}`, `genuine: ${one.name}`, one);
    else if (one.expect.verify !== "secret_too_short") {
      add(one.expect.verify, `${one.expect.verify}: ${one.name}`, one);
    }
  }
  const signed = cases.find(
    (one) => one.expect.verify === "ok" && one.signature === "computed" && !one.options.header,
  );
  if (signed !== undefined && recipe.scheme !== "bearerJwt") {
    add(
      "again",
      "signature_mismatch: body parsed and written again",
      signed,
      writtenAgain(fileOf(signed)),
    );
  }
  return { id, variants: [...variants.values()], examples: [...examples.values()] };
}

/** What is offered for every provider that there is. */
export function offers() {
  return readdirSync(new URL("src/providers", root))
    .map((file) => file.replace(/\.ts$/, ""))
    .sort()
    .map(offerOf);
}
