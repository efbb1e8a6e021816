// Compares what became of a delivery with what should have.

/** The verdict of an outcome in one word: its kind, or the code of its error. */
export function verdictOf(outcome) {
  return outcome.kind === "rejected" ? outcome.error.code : outcome.kind;
}

/** Everything in which an answer is not the expected one; nothing when it is. */
export function surprisesIn(expected, actual) {
  if (actual.failure !== undefined) return [`no answer: ${actual.failure}`];
  const surprises = [];
  for (const key of ["status", "verdict", "handlerCalls"]) {
    if (actual[key] !== expected[key]) {
      surprises.push(`${key} should be ${expected[key]}, is ${actual[key]}`);
    }
  }
  if (actual.status === 405 && actual.headers.allow !== "POST") {
    surprises.push("the answer should allow POST");
  }
  // A sender gets a status and nothing else: whatever more it learns helps a forger.
  if (actual.bodyBytes !== 0) surprises.push("the answer has a body");
  return surprises;
}
