import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks until the answer is yes.
 *
 * @param what For the error's text: `<what>, within <n> s`.
 * @param isSo Asked every 20 ms. What it throws ends the waiting.
 */
export async function waitFor(what, isSo, { timeoutMs }) {
  const end = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > end) {
      throw new Error(`Waited in vain: ${what}, within ${timeoutMs / 1000} s.`);
    }
    await sleep(20);
  }
}
