/** Whether a value is a JSON object. */
export const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The first key that is not among `known`. */
export const unknownKey = (value, known) => Object.keys(value).find((key) => !known.includes(key));

/** Whether a text is the URL of something that can be called. */
export function isWebUrl(text) {
  return typeof text === "string" && /^https?:\/\//.test(text) && URL.canParse(text);
}
