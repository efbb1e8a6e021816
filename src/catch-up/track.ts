import { type CatchUpRecord, failedBytes, mostFailed, mostFailedBytes } from "./record.js";

/** What a catch-up does with an event. */
export type Step =
  /** Ask the receiver. */
  | "handle"
  /** Nothing: an earlier run has seen it through. */
  | "seen"
  /** Nothing: this run has asked already, before it went back. */
  | "asked"
  /** Nothing: it is where the last run began. */
  | "none";

/** Follows a catch-up through a history, so that what it keeps never skips an event that was not seen through. */
export interface Track {
  /** What to do with the event that comes next. */
  step(id: string): Step;
  /** An event has been seen through. */
  passed(id: string): void;
  /** An event has failed. */
  failed(id: string): void;
  /** An event was left for another run. */
  left(id: string): void;
  /** An event has been asked about already: what came of it still holds. */
  repeated(id: string): void;
  /** Looks at an event that is beyond what is to be handled. */
  sighted(id: string): void;
  /** Whether the place up to which an earlier run has seen all is still to come. */
  isSeeking(): boolean;
  /**
   * Goes back, because that place did not come: the history does not hold it any more, and what was taken for seen may
   * be new. Returns how many that was.
   */
  goBack(): number;
  /** How many failed events of an earlier run have not come up again; they are counted once. */
  takeGone(): number;
  /** What to keep. */
  record(): CatchUpRecord;
}

export function startTrack(record: CatchUpRecord): Track {
  const { after: begin } = record;
  /** The last id with nothing failed or left at or before it. */
  let after = begin;
  let reached = record.reached;
  const failed = new Set(record.failed);
  let bytes = [...failed].reduce((sum, id) => sum + failedBytes(id), 0);
  const unlist = (id: string): boolean => {
    const was = failed.delete(id);
    if (was) bytes -= failedBytes(id);
    return was;
  };
  /** Up to here an earlier run has seen all but what failed. Nothing is certain until it comes up. */
  let sought = reached;
  /** What `after` will be once it has. */
  let prospect = begin;
  /** Failed ones that have not come up again. */
  let missing = new Set(failed);
  let gone = 0;
  /** Taken for seen, while it is not certain. */
  let presumed = 0;
  /** What was asked while it was not certain, and whether it failed. */
  const asked = new Map<string, boolean>();
  /** Something before has failed or was left: `after` stays. */
  let isHeld = false;
  /** Something before can be told by no list: `reached` stays, too. */
  let isFull = false;

  const forgetMissing = (): void => {
    gone += missing.size;
    for (const id of missing) unlist(id);
    missing = new Set();
  };
  const found = (): void => {
    sought = undefined;
    after = prospect;
    forgetMissing();
    // Held also by failed ones that were only sighted.
    isHeld ||= failed.size > 0 || after !== reached;
    if (!isHeld) reached = undefined;
  };
  const sight = (id: string): void => {
    missing.delete(id);
    if (id === sought) found();
  };

  const passed = (id: string): void => {
    if (sought !== undefined) {
      if (unlist(id)) asked.set(id, true);
      else presumed += 1;
      if (!isHeld) prospect = id;
      sight(id);
    } else if (!isHeld) after = id;
    else if (!isFull) reached = id;
  };
  const fail = (id: string): void => {
    isHeld = true;
    if (sought !== undefined) {
      asked.set(id, false);
      sight(id);
      return;
    }
    isFull ||= failed.size >= mostFailed || bytes + failedBytes(id) > mostFailedBytes;
    if (isFull) return;
    // A history may hold an event twice.
    unlist(id);
    failed.add(id);
    bytes += failedBytes(id);
    reached = id;
  };

  return {
    step: (id) => {
      if (id === begin) return "none";
      if (sought !== undefined) return failed.has(id) ? "handle" : "seen";
      return asked.has(id) ? "asked" : "handle";
    },
    passed,
    failed: fail,
    left: (id) => {
      isHeld = true;
      // One that had failed before is in the list already.
      if (sought !== undefined) sight(id);
      else isFull = true;
    },
    repeated: (id) => (asked.get(id) ? passed(id) : fail(id)),
    sighted: sight,
    isSeeking: () => sought !== undefined,
    goBack: () => {
      forgetMissing();
      for (const id of [...failed]) unlist(id);
      sought = undefined;
      reached = undefined;
      isHeld = false;
      return presumed;
    },
    takeGone: () => {
      const count = gone;
      gone = 0;
      return count;
    },
    record: () => ({ after, reached, failed: [...failed] }),
  };
}
