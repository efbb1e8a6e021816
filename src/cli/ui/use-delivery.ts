import { useEffect, useState } from "preact/hooks";
import { fetchDelivery } from "./live.js";
import type { DeliverySummary, DeliveryView } from "./view.js";

/** A delivery, once it is there; a sentence where it cannot be had. */
export type Loaded = DeliveryView | string | undefined;

/** Loads the whole of a delivery. The last one stays until the next is there, so that nothing flickers. */
export function useDelivery(summary: DeliverySummary | undefined): Loaded {
  const [loaded, setLoaded] = useState<Loaded>(undefined);
  // A summary is another object once more has become known of its delivery.
  useEffect(() => {
    if (summary === undefined) {
      setLoaded(undefined);
      return;
    }
    let isWanted = true;
    fetchDelivery(summary.id).then(
      (delivery) => isWanted && setLoaded(delivery ?? "This delivery is no longer kept."),
      () => isWanted && setLoaded("The inspector does not answer: is the command still running?"),
    );
    return () => {
      isWanted = false;
    };
  }, [summary]);
  return loaded;
}
