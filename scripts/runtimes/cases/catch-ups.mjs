// Histories page by page, whole and disturbed, and deliveries that only the history can confirm. The events are invented.

const event = (number) => ({
  id: `event-${number}`,
  webhook_id: "w",
  event_type: "DOCVER",
  timestamp: `2026-03-01T09:00:0${number}Z`,
  payload: { id: `check-${number}`, applicant_id: `applicant-${number}`, status: "verified" },
});
// As text, and with a name of its own for the status: no runtime is told what is expected, and a test looks for such words.
const answer = (body, code = 200, headers = {}) => ({ code, headers, text: JSON.stringify(body) });
const page = (numbers, has_next) => answer({ data: numbers.map(event), has_next });
const ids = (numbers) => numbers.map((number) => `event-${number}`);
const calls = (...after) => after.map((id) => `/api/v3/notifications/webhook/history ${id} ds-key`);
const done = (recovered, lastId) => ({ recovered, duplicates: 0, ignored: 0, failed: 0, lastId });
const kept = (after) => JSON.stringify({ v: 1, provider: "dataspike", after, failed: [] });
const deliveryOf = (value) => Buffer.from(JSON.stringify(value)).toString("base64");

const whole = [page([1, 2], true), page([3], false)];

const disturbed = [
  ["asks for patience", answer({}, 429, { "retry-after": "0" })],
  ["fails", answer({ error: "down" }, 503)],
  ["cannot be reached", { arrives: "not at all" }],
  ["breaks off", { ...page([1, 2], true), arrives: "broken" }],
  ["does not answer", { arrives: "never" }],
  ["answers with something else", answer(["unexpected"])],
];

const refused = [
  ["of an unknown key", answer({}, 401), { verdict: "unauthorized", retryable: false }],
  [
    "that leads elsewhere",
    answer({}, 302, { location: "https://elsewhere.test/" }),
    { verdict: "redirected", retryable: false },
  ],
  [
    "without end",
    answer({ data: [], has_next: true }),
    { verdict: "cursor_stuck", retryable: false },
  ],
];

export function catchUpCases(add) {
  add(
    "a history in two pages",
    { answers: whole },
    {
      ...{ verdict: "accept", result: done(3, "event-3"), kept: kept("event-3") },
      ...{ handled: ids([1, 2, 3]), asked: calls(null, "event-2"), drift: [] },
    },
  );
  for (const [what, first] of disturbed) {
    add(
      `an API that ${what} once`,
      { answers: [first, ...whole] },
      {
        ...{ verdict: "accept", result: done(3, "event-3"), handled: ids([1, 2, 3]) },
        asked: calls(null, null, "event-2"),
      },
    );
  }
  for (const [what, second, expected] of refused) {
    add(
      `an answer ${what}, after the first page`,
      { answers: [whole[0], second] },
      { ...expected, kept: kept("event-2"), handled: ids([1, 2]), asked: calls(null, "event-2") },
    );
  }
  const forged = { ...event(2), payload: { ...event(2).payload, status: "failed" } };
  add(
    "deliveries that the history confirms, and does not",
    { answers: [page([1, 2], false)], delivered: [event(1), forged, event(2)].map(deliveryOf) },
    { verdict: "accept", statuses: [200, 401, 200], handled: ids([1, 2]), asked: calls(null) },
  );
  const extended = { ...event(1), new_key: 1 };
  add(
    "a delivery with a key that the schema does not know",
    { answers: [answer({ data: [extended] })], delivered: [deliveryOf(extended)] },
    { verdict: "accept", statuses: [200], drift: ["key new_key number"] },
  );
}
