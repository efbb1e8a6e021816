import { fromBase64 } from "./text/bytes.js";
import type { DeliverySummary, DeliveryView } from "./view.js";
import type { ReplayAnswer, Snapshot, WireDelivery } from "./wire.js";

/** Whether the page hears of new deliveries. */
export type Connection = "connecting" | "live" | "lost";

/** What a page wants to hear. */
export interface Hearers {
  readonly onSnapshot: (snapshot: Snapshot) => void;
  readonly onCapture: (capture: DeliverySummary) => void;
  readonly onConnection: (connection: Connection) => void;
}

const longestWait = 10_000;

/** Follows the stream of deliveries, and takes it up again whenever it breaks. Returns what ends that. */
export function follow({ onSnapshot, onCapture, onConnection }: Hearers): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = 500;
  const open = (): void => {
    source = new EventSource("api/stream");
    source.addEventListener("snapshot", ({ data }) => {
      wait = 500;
      onConnection("live");
      onSnapshot(JSON.parse(data) as Snapshot);
    });
    source.addEventListener("capture", ({ data }) =>
      onCapture(JSON.parse(data) as DeliverySummary),
    );
    source.addEventListener("error", () => {
      onConnection("lost");
      // A browser tries again by itself, but not after an answer that is no stream.
      if (source.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, longestWait);
    });
  };
  onConnection("connecting");
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

/** Fetches all of one delivery; `undefined` when the server no longer keeps it. */
export async function fetchDelivery(id: string): Promise<DeliveryView | undefined> {
  const response = await fetch(`api/captures/${encodeURIComponent(id)}`);
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const { bodyBase64, ...rest } = (await response.json()) as WireDelivery;
  return { ...rest, body: fromBase64(bodyBase64) ?? new Uint8Array() };
}

/** Has a delivery replayed. */
export async function replay(id: string): Promise<ReplayAnswer> {
  const token =
    document.querySelector<HTMLMetaElement>('meta[name="countersign-token"]')?.content ?? "";
  const response = await fetch(`api/captures/${encodeURIComponent(id)}/replay`, {
    method: "POST",
    headers: { "x-countersign-token": token },
  });
  return (await response.json()) as ReplayAnswer;
}
