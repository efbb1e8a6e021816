import { afterEach, inject } from "vitest";

const failed = Symbol.for("countersign.tests.failed");
const world = globalThis as { [failed]?: unknown };
// Stryker's number of the mutant: one worker may try several.
const mutant: unknown = inject("activeMutant" as never) ?? "none";

// `bail` skips tests but still loads every file, which is most of the time that a killed mutant takes.
if (world[failed] === mutant) throw new Error("A test before has failed, which is enough.");

afterEach(({ task }) => {
  if (task.result?.state === "fail") world[failed] = mutant;
});
