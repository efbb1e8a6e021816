/** Whether there is something to wait for. Nearly always there is not, and each wait would cost as much as a parse. */
export function isLate<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { then?: unknown }).then === "function"
  );
}
