import { seeded } from "../storm/random.mjs";
import { startVendorApi } from "../vendor-api/server.mjs";
import { apiKey } from "./provider.mjs";

const kinds = [
  { kind: "status", status: 429, headers: { "retry-after": "1" } },
  { kind: "status", status: 500 },
  { kind: "cut" },
  { kind: "late", ms: 150 },
  { kind: "refuse" },
  { kind: "text", body: '{"data":[' },
  { kind: "lost" },
];
const share = 0.25;

/**
 * The vendor's API, where one call of four goes wrong, in every way in turn.
 *
 * @param onCall Called when the history is asked for, before the page is made.
 */
export async function startApi({ seed, count, events, onCall }) {
  const api = await startVendorApi({
    // About sixty pages, or fewer in a small drill, so that a kill is hardly ever between two of them.
    dataspike: { apiKey, pageSize: Math.max(20, Math.round(count / 60)), events },
  });
  // Of its own: which call goes wrong does not depend on what else happens.
  const random = seeded(seed + 2);
  let next = Math.floor(random() * kinds.length);
  let faults = 0;
  const watch = () => {
    onCall?.();
    if (random() < share) {
      // For the next call: this one's fault has been chosen.
      api.fault(kinds[next % kinds.length]);
      next += 1;
      faults += 1;
    }
    return false;
  };
  // Never happens: it is there to hear of every call.
  api.fault({ kind: "refuse" }, { times: Number.POSITIVE_INFINITY, when: watch });
  return {
    url: api.url,
    push: api.dataspike.push,
    close: api.close,
    figures: () => ({ calls: api.calls.length, faults }),
  };
}
