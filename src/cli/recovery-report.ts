import type { CatchUpProgress, CatchUpResult } from "../catch-up.js";
import type { Handed } from "./forwarding.js";
import { printable } from "./printable.js";
import { paint, print, printJson, progress, remark } from "./terminal.js";

/** Tells how a catch-up goes on, and how it ended. */
export interface RecoveryReport {
  /** Of each event that was seen through; `handed` where it was handed on now. */
  tell(progress: CatchUpProgress, handed: Handed | undefined): void;
  /** The receiver cannot take an event now, and is asked again. */
  wait(what: Handed): void;
  /** What has been done so far; `undefined` before the first event. */
  sofar(): CatchUpResult | undefined;
  /** What was done in all, and the command that goes on from there. */
  close(result: CatchUpResult, next: string): void;
}

const mostIds = 1000;
const mostShown = 20;
const lineEveryMs = 1000;

const reasonOf = ({ status, reason }: Handed): string =>
  status === undefined ? (reason ?? "no answer").replace(/\.$/, "") : `HTTP ${status}`;

/** Makes the report of one run. Ids are shown, and nothing else of an event. */
export function recoveryReport(json: boolean): RecoveryReport {
  let latest: CatchUpProgress | undefined;
  let told = performance.now();
  let waiting: string | undefined;
  const failures = new Map<string, string>();

  const line = ({ recovered, failed, event }: CatchUpProgress): string =>
    `  ${recovered} accepted, ${failed} failed, up to ${printable(event.id, 60)}`;

  return {
    tell: (now, handed) => {
      latest = now;
      if (handed?.isAccepted) waiting = undefined;
      const { id } = now.event;
      if (handed !== undefined && !handed.isAccepted && failures.size < mostIds) {
        failures.set(id, reasonOf(handed));
      }
      if (json) {
        const { isAccepted, status, reason } = handed ?? {};
        if (handed !== undefined)
          printJson({ kind: "event", id, accepted: isAccepted, status, reason });
        return;
      }
      progress(line(now));
      if (process.stderr.isTTY || performance.now() - told < lineEveryMs) return;
      told = performance.now();
      remark(line(now));
    },
    wait: (what) => {
      const reason = reasonOf(what);
      if (json || reason === waiting) return;
      waiting = reason;
      progress(undefined);
      remark(`  The receiver cannot take it now (${printable(reason)}): it is asked again.`);
    },
    sofar: () => latest,
    close: ({ recovered, duplicates, ignored, failed, lastId }, next) => {
      progress(undefined);
      const failedIds = [...failures.keys()];
      if (json) {
        const counts = { accepted: recovered, failed, leftOut: ignored, before: duplicates };
        printJson({ kind: "summary", ...counts, lastId, failedIds, next });
        return;
      }
      const parts = [
        paint(failed === 0 ? "green" : "yellow", `${recovered} accepted`),
        failed === 0 ? "none failed" : paint("red", `${failed} failed`),
        ...(ignored === 0 ? [] : [`${ignored} left out`]),
        ...(duplicates === 0 ? [] : [`${duplicates} seen through by an earlier run`]),
      ];
      print(parts.join(", "));
      for (const [id, reason] of [...failures].slice(0, mostShown)) {
        print(`  failed  ${printable(id, 80)}  ${printable(reason)}`);
      }
      if (failures.size > mostShown) print(`  and ${failures.size - mostShown} more`);
      if (lastId !== undefined) print(`  last id  ${printable(lastId, 80)}`);
      if (recovered > 0) {
        remark("Accepted is what the receiver answered; what it had handled before is among it.");
      }
      print(`  go on    ${next}`);
    },
  };
}
