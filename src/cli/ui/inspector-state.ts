import { useEffect, useReducer } from "preact/hooks";
import { type Connection, follow } from "./live.js";
import type { DeliverySummary } from "./view.js";
import type { ReceivesView, Snapshot } from "./wire.js";

/** What the page knows. */
export interface InspectorState {
  readonly connection: Connection;
  readonly run?: string;
  readonly receives?: ReceivesView;
  /** Newest first. */
  readonly deliveries: readonly DeliverySummary[];
}

type News =
  | { readonly connection: Connection }
  | { readonly snapshot: Snapshot }
  | { readonly capture: DeliverySummary };

// A tab may stay open for weeks.
const mostDeliveries = 1000;

function next(state: InspectorState, news: News): InspectorState {
  if ("connection" in news) return { ...state, connection: news.connection };
  if ("snapshot" in news) {
    const { run, captures, receives } = news.snapshot;
    return { ...state, run, deliveries: captures, ...(receives === undefined ? {} : { receives }) };
  }
  // One that is known is there again when more has become known of it.
  const { capture } = news;
  const isKnown = state.deliveries.some(({ id }) => id === capture.id);
  const deliveries = isKnown
    ? state.deliveries.map((one) => (one.id === capture.id ? capture : one))
    : [capture, ...state.deliveries].slice(0, mostDeliveries);
  return { ...state, deliveries };
}

/** The deliveries, as they arrive. */
export function useInspector(): InspectorState {
  const [state, tell] = useReducer(next, { connection: "connecting", deliveries: [] });
  useEffect(() => {
    let run: string | undefined;
    return follow({
      onConnection: (connection) => tell({ connection }),
      onCapture: (capture) => tell({ capture }),
      onSnapshot: (snapshot) => {
        // Started anew: this page's token no longer counts.
        if (run !== undefined && run !== snapshot.run) location.reload();
        run = snapshot.run;
        tell({ snapshot });
      },
    });
  }, []);
  return state;
}
