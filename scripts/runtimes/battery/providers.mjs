// Checks recorded deliveries with the provider that they were recorded for.

import { bytesOf, containersOf } from "./values.mjs";
import { agreed, messageOf, verdictOf } from "./verdict.mjs";

export async function runProvider(modules, { provider, options, headers, body, now }) {
  const make = modules[`countersign/providers/${provider}`][provider];
  const clock = () => now * 1000;
  const verdicts = {};
  for (const [container, contained] of Object.entries(containersOf(headers))) {
    verdicts[container] = await verdictOf(modules.countersign, async () => {
      const delivery = { headers: contained, body: bytesOf(body) };
      return messageOf(await make(options).verify(delivery, { now: clock }));
    });
  }
  return agreed(verdicts);
}
