// What is kept of a runtime's samples: medians, and ratios to the scheme of countersign that proves the same thing.

import { median, pairedRatio } from "../lib/statistics.mjs";

const others = {
  "@octokit/webhooks-methods": "countersign hmac",
  "stripe verifyHeader": "countersign stampedHmac",
  "stripe verifyHeaderAsync": "countersign stampedHmac",
};

/** Which of ours a contender is compared with. */
export const counterpartOf = (name) => others[name] ?? "countersign svix";

/** @returns Nanoseconds and ratios by size and contender. */
export function summarise(samples) {
  const ns = {};
  const ratio = {};
  for (const [size, by] of Object.entries(samples)) {
    ns[size] = {};
    ratio[size] = {};
    for (const [name, list] of Object.entries(by)) {
      ns[size][name] = median(list);
      const ours = by[counterpartOf(name)];
      if (ours !== undefined) ratio[size][name] = pairedRatio(list, ours);
    }
  }
  return { ns, ratio };
}
