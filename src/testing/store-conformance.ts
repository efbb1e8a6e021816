import { checkOptions, invalidOption, wholeNumber } from "../internal/options.js";
import type { Store } from "../store.js";
import { claimChecks } from "./claim-checks.js";
import { cursorChecks } from "./cursor-checks.js";
import { keyChecks } from "./key-checks.js";
import { leaseChecks } from "./lease-checks.js";
import { orderChecks } from "./order-checks.js";
import { outageChecks } from "./outage-checks.js";
import { receiverChecks } from "./receiver-checks.js";
import { renewalChecks } from "./renewal-checks.js";
import { type TrialCheck, type TrialTimes, trialOf, within } from "./store-trial.js";

/** Makes a store, or hands out one that has been made. */
export type MakeStore = () => Store | Promise<Store>;

/** Options of {@link storeConformance}. */
export interface StoreConformanceOptions {
  /**
   * Makes a store whose engine cannot be reached, such as one on a port where nothing listens. Given, there are checks that
   * nothing is claimed or handled then.
   */
  readonly unreachable?: MakeStore | undefined;
  /**
   * How many times longer leases, memories and the patience of the checks are: for a store that takes more than a few
   * milliseconds to answer, or counts in seconds. A whole number from 1 to 100. @default 1
   */
  readonly timeScale?: number | undefined;
}

/** One check of {@link storeConformance}. */
export interface StoreCheck {
  /** What holds of a store that keeps the contract, as a sentence. No two are the same. */
  readonly name: string;
  /** Rejects with an `Error` that says what was expected and what the store did. */
  readonly run: () => Promise<void>;
}

function timesOf(scale: number): TrialTimes {
  return {
    shortMs: 150 * scale,
    longMs: 60_000 * scale,
    patienceMs: 2000 * scale,
    limitMs: 10_000 * scale,
  };
}

/**
 * Makes the checks that an implementation of `Store` has to pass, for any test runner. They cover all that the contract
 * says, and a real receiver on the store. A store that keeps cursors is tried on those too.
 *
 * Each check asks `makeStore` for its store, and some for a second: all that it gives out have to share their claims, as two
 * processes on one database do. For a store in memory, give out the same one each time. Keys, subjects and names of
 * cursors are new in each check, so that nothing has to be cleared before, and checks may run at the same time; but for
 * the empty text, `__proto__` and `constructor`, which are claimed for a moment, and under which cursors are written. What
 * has been written under a cursor's name stays: have the checks use a table or prefix of their own. Checks wait for real leases of some tenths of a second,
 * mostly take less than one, and give up after 10 seconds times `timeScale`.
 *
 * Exported from `countersign/testing`.
 *
 * @example
 * ```ts
 * for (const { name, run } of storeConformance(() => myStore(client))) test(name, run);
 * ```
 *
 * @throws {WebhookError} `option_invalid`
 */
export function storeConformance(
  makeStore: MakeStore,
  options: StoreConformanceOptions = {},
): readonly StoreCheck[] {
  if (typeof makeStore !== "function") invalidOption("makeStore", "a function");
  checkOptions(options, ["unreachable", "timeScale"]);
  const { unreachable } = options;
  if (unreachable !== undefined && typeof unreachable !== "function")
    invalidOption("unreachable", "a function");
  const times = timesOf(wholeNumber("timeScale", options.timeScale, 1, 1, 100));

  const checks = (list: readonly TrialCheck[], make: MakeStore): readonly StoreCheck[] =>
    list.map(({ name, run }) => ({
      name,
      run: () =>
        within(times.limitMs, `The check “${name}”`, async () =>
          run(trialOf(await make(), times, make)),
        ),
    }));

  return [
    ...checks(
      [
        ...claimChecks,
        ...leaseChecks,
        ...renewalChecks,
        ...keyChecks,
        ...orderChecks,
        ...cursorChecks,
        ...receiverChecks,
      ],
      makeStore,
    ),
    ...(unreachable === undefined ? [] : checks(outageChecks, unreachable)),
  ];
}
