/** An answer with a JSON body, compact as an API sends it; without a body where `value` is undefined. */
export function answer(status, value, headers = {}) {
  const body = value === undefined ? "" : JSON.stringify(value);
  const type = value === undefined ? {} : { "content-type": "application/json; charset=utf-8" };
  return { status, headers: { ...type, ...headers }, body };
}

/** A refusal. None of the vendors documents the body of one: that it is JSON is all a client may rely on here. */
export function refusal(status, error, headers) {
  return answer(status, { error }, headers);
}
