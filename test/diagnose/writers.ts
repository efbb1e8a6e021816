// One event as the libraries of several languages write it. Python's were printed by Python 3; the others follow the
// documentation of their encoders, with JSON.stringify as the base.

/** An event about an invented person, with all that encoders treat differently. */
export const event = {
  id: "evt_7",
  refId: "user/42",
  name: "Amélie Brontë",
  note: "a < b & 'c' = d > e",
  status: "successful",
  score: 1.5,
  tags: [],
  meta: {},
  list: [1, true, null, { mood: "😀" }],
  url: "https://example.test/a/b",
};

export const compact = JSON.stringify(event);

const escaped = (text: string) =>
  text.replace(
    /[\u0080-\uffff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** Python's `json.dumps(event)`. */
export const python =
  '{"id": "evt_7", "refId": "user/42", "name": "Am\\u00e9lie Bront\\u00eb", "note": "a < b & \'c\' = d > e", "status": "successful", "score": 1.5, "tags": [], "meta": {}, "list": [1, true, null, {"mood": "\\ud83d\\ude00"}], "url": "https://example.test/a/b"}';

/** Python's `json.dumps(event, indent=4)`. */
export const pythonIndented =
  '{\n    "id": "evt_7",\n    "refId": "user/42",\n    "name": "Am\\u00e9lie Bront\\u00eb",\n    "note": "a < b & \'c\' = d > e",\n    "status": "successful",\n    "score": 1.5,\n    "tags": [],\n    "meta": {},\n    "list": [\n        1,\n        true,\n        null,\n        {\n            "mood": "\\ud83d\\ude00"\n        }\n    ],\n    "url": "https://example.test/a/b"\n}';

/** Python's `json.dumps(event, sort_keys=True)`. */
export const pythonSorted =
  '{"id": "evt_7", "list": [1, true, null, {"mood": "\\ud83d\\ude00"}], "meta": {}, "name": "Am\\u00e9lie Bront\\u00eb", "note": "a < b & \'c\' = d > e", "refId": "user/42", "score": 1.5, "status": "successful", "tags": [], "url": "https://example.test/a/b"}';

/** PHP's `json_encode($event)`. */
export const php = escaped(compact.replaceAll("/", "\\/"));

/** PHP's `json_encode($event, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE)`. */
export const phpPretty = JSON.stringify(event, null, 4).replaceAll("/", "\\/");

/** Go's `json.Marshal`. */
export const go = compact
  .replaceAll("<", "\\u003c")
  .replaceAll(">", "\\u003e")
  .replaceAll("&", "\\u0026");

/** .NET's `JsonSerializer.Serialize`. */
export const dotnet = escaped(compact)
  .replace(/\\u[0-9a-f]{4}/g, (one) => `\\u${one.slice(2).toUpperCase()}`)
  .replaceAll("<", "\\u003C")
  .replaceAll(">", "\\u003E")
  .replaceAll("&", "\\u0026")
  .replaceAll("'", "\\u0027");

/** Jackson's `writerWithDefaultPrettyPrinter`. */
export const jackson = `{
  "id" : "evt_7",
  "refId" : "user/42",
  "name" : "Amélie Brontë",
  "note" : "a < b & 'c' = d > e",
  "status" : "successful",
  "score" : 1.5,
  "tags" : [ ],
  "meta" : { },
  "list" : [ 1, true, null, {
    "mood" : "😀"
  } ],
  "url" : "https://example.test/a/b"
}`;
