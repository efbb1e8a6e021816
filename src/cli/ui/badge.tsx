import type { Verdict } from "./view.js";

const meanings: Readonly<Record<Verdict, string>> = {
  authentic: "the sender is proven",
  explained: "refused, and a cause was found",
  unexplained: "refused, and no mistake explains it",
  rejected: "refused",
  captured: "nothing was verified",
};

/** A verdict in one word. */
export function Badge({ verdict }: { readonly verdict: Verdict }) {
  return (
    <span class={`badge badge-${verdict}`} title={meanings[verdict]}>
      {verdict}
    </span>
  );
}
