// The inputs are JSON; here what JSON cannot say becomes what it stands for.

/** Bytes from base64. */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Options with `{ bytes: <base64> }` made bytes, at any depth. */
export function optionsOf(value) {
  if (Array.isArray(value)) return value.map(optionsOf);
  if (typeof value !== "object" || value === null) return value;
  if (typeof value.bytes === "string") return bytesOf(value.bytes);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, optionsOf(one)]));
}

const surviving = /^[!-~\xa0-\xff](?:[\t -~\xa0-\xff]*[!-~\xa0-\xff])?$/;

/** The same headers in every container that keeps them as they are: `Headers` joins repeated ones and trims. */
export function containersOf(pairs) {
  const names = pairs.map(([name]) => name.toLowerCase());
  const repeated = new Set(names).size < names.length;
  const asRecord = {};
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    asRecord[key] = key in asRecord ? [asRecord[key], value].flat() : value;
  }
  const containers = { pairs, record: asRecord };
  if (!repeated && pairs.every(([, value]) => surviving.test(value))) {
    containers.headers = new Headers(pairs);
  }
  return containers;
}
