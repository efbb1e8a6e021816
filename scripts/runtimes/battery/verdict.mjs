// Says what became of one check: what was accepted, or the code of the error.

/** What a proof guarantees. */
export function proofOf({ scheme, id, timestamp, secret, bindsBody, body }) {
  return {
    scheme,
    id: id ?? null,
    timestamp: timestamp?.toISOString() ?? null,
    secret,
    bindsBody,
    bodyBytes: body.length,
  };
}

/** Everything a message says. */
export function messageOf(message) {
  const { type, known, id, subject, decision, flags, occurredAt, event, delivery } = message;
  return {
    type,
    known,
    id,
    subject: subject ?? null,
    decision: decision ?? null,
    flags,
    occurredAt: occurredAt?.toISOString() ?? null,
    event: JSON.stringify(event),
    proof: proofOf(delivery),
  };
}

/** Runs one check. What is thrown and is no `WebhookError` is a verdict of its own, and nobody expects it. */
export async function verdictOf({ isWebhookError }, work) {
  try {
    return { verdict: "accept", ...(await work()) };
  } catch (error) {
    if (isWebhookError(error)) return { verdict: error.code, error: sorted(error.toJSON()) };
    return { verdict: `threw ${error?.name}`, error: String(error?.message) };
  }
}

/** The same object with its keys in order: the order in which a build sets them is no verdict. */
function sorted(value) {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One verdict of several ways to ask; `mixed` when they disagree. */
export function agreed(verdicts) {
  const texts = new Set(Object.values(verdicts).map((verdict) => JSON.stringify(verdict)));
  if (texts.size === 1) return Object.values(verdicts)[0];
  const each = Object.entries(verdicts).map(([way, { verdict }]) => `${way}: ${verdict}`);
  return { verdict: `mixed (${each.join(", ")})`, verdicts };
}
