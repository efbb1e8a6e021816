import { describe, expect, it } from "vitest";

// The command itself is run by .ci/run; here is what would let it overlook something.

type Seen = Readonly<Record<string, unknown>>;
type Expected = ReadonlyMap<string, { readonly group: string; readonly expectation: Seen }>;
interface Run {
  readonly label: string;
  readonly seen?: ReadonlyMap<string, Seen>;
  readonly count?: number;
}

const scripts = new URL("../../scripts/runtimes/", import.meta.url);
// Imported by address, since the scripts have no declarations.
const judge = (await import(new URL("judge.mjs", scripts).href)) as {
  surprisesOf(expectation: Seen, seen: Seen | undefined): string[];
  countProblems(run: Run, expected: Expected): string[];
  uncovered(specifiers: readonly string[], expected: Expected): string[];
};
const table = (await import(new URL("table.mjs", scripts).href)) as {
  printTable(columns: readonly object[], expected: Expected, print: (line: string) => void): void;
  printDifferences(
    runs: readonly Run[],
    expected: Expected,
    print: (line: string) => void,
  ): { unexpected: number; unlike: number };
};
const { allCases } = (await import(new URL("cases/cases.mjs", scripts).href)) as {
  allCases(): { inputs: readonly object[]; expected: Expected };
};

const expected: Expected = new Map([
  ["one", { group: "scheme a", expectation: { verdict: "accept", id: "1" } }],
  ["two", { group: "scheme a", expectation: { verdict: "signature_mismatch" } }],
]);

function runOf(label: string, seen: Readonly<Record<string, Seen>>): Run {
  const entries = Object.entries(seen);
  return { label, seen: new Map(entries), count: entries.length };
}

const right = {
  one: { verdict: "accept", id: "1", scheme: "a" },
  two: { verdict: "signature_mismatch" },
};

function printed(print: (line: (text: string) => void) => unknown): string {
  const lines: string[] = [];
  print((text) => lines.push(text));
  return lines.join("\n");
}

describe("a result", () => {
  it.each([
    ["is as expected when it says more", right.one, 0],
    ["is a surprise when it is another verdict", { verdict: "signature_mismatch", id: "1" }, 1],
    ["is a surprise when something else was accepted", { verdict: "accept", id: "2" }, 1],
    ["is a surprise when it is missing", undefined, 1],
  ])("%s", (_title, seen, surprises) => {
    expect(judge.surprisesOf({ verdict: "accept", id: "1" }, seen)).toHaveLength(surprises);
  });

  it("of a request is judged by status, outcome and calls of the handler", () => {
    const answer = { status: 200, verdict: "handled", handlerCalls: 1 };
    const seen = { ...answer, headers: {}, bodyBytes: 0 };
    expect(judge.surprisesOf(answer, seen)).toEqual([]);
    expect(judge.surprisesOf(answer, { ...seen, handlerCalls: 2 })).toHaveLength(1);
  });
});

describe("the comparison", () => {
  it("prints nothing where all runs are alike and as expected", () => {
    const runs = [runOf("Node", right), runOf("Bun", right)];
    const text = printed((print) =>
      expect(table.printDifferences(runs, expected, print)).toEqual({ unexpected: 0, unlike: 0 }),
    );
    expect(text).toBe("");
  });

  it("names the case and the runtime that are not as expected", () => {
    const runs = [
      runOf("Node", right),
      runOf("Bun", { ...right, two: { verdict: "accept" } }),
      runOf("Deno", right),
    ];
    const text = printed((print) =>
      expect(table.printDifferences(runs, expected, print)).toEqual({ unexpected: 1, unlike: 1 }),
    );
    expect(text).toContain("\ntwo\n  Node, Deno: as expected");
    expect(text).toContain('Bun: verdict should be "signature_mismatch", is "accept"');
    expect(text).not.toContain("one");
  });

  it("tells runs apart that are both as expected", () => {
    const runs = [
      runOf("Node", right),
      runOf("Bun", { ...right, one: { ...right.one, scheme: "b" } }),
    ];
    printed((print) =>
      expect(table.printDifferences(runs, expected, print)).toEqual({ unexpected: 0, unlike: 1 }),
    );
  });

  it("tells what is the same everywhere, and wrong", () => {
    const wrong = { ...right, one: { verdict: "id_missing" } };
    const runs = [runOf("Node", wrong), runOf("Bun", wrong)];
    const text = printed((print) =>
      expect(table.printDifferences(runs, expected, print)).toEqual({ unexpected: 1, unlike: 0 }),
    );
    expect(text).toContain("\none\n  all: verdict should be");
  });
});

describe("the table", () => {
  const column = (...runs: Run[]) => ({ title: "Node", version: "1.2.3", backend: "node", runs });
  const lastLine = (...runs: Run[]): string | undefined =>
    printed((print) => table.printTable([column(...runs)], expected, print))
      .split("\n")
      .at(-1);

  it("counts a case only when every run of the column is as expected", () => {
    const wrong = runOf("Node CommonJS", { ...right, two: { verdict: "accept" } });
    expect(lastLine(runOf("Node ESM", right))).toMatch(/^all +2\/2$/);
    expect(lastLine(runOf("Node ESM", right), wrong)).toMatch(/^all +1\/2$/);
  });

  it("counts nothing of a runtime that crashed", () => {
    expect(lastLine(runOf("Node ESM", right), { label: "Node CommonJS" })).toMatch(/^all +-$/);
  });
});

describe("the cases", () => {
  it("are missed, and so are results that belong to none", () => {
    const { one, two } = right;
    expect(judge.countProblems(runOf("Node", right), expected)).toEqual([]);
    expect(judge.countProblems(runOf("Node", { one }), expected)).toHaveLength(1);
    expect(judge.countProblems(runOf("Node", { one, two, three: two }), expected)).toHaveLength(1);
    expect(judge.countProblems({ ...runOf("Node", right), count: 3 }, expected)).toHaveLength(1);
  });

  it("have to accept and refuse with every scheme and provider there is", () => {
    const specifiers = ["countersign", "countersign/fetch", "countersign/schemes/a"];
    expect(judge.uncovered(specifiers, expected)).toEqual([]);
    expect(judge.uncovered(["countersign/schemes/some-other"], expected)).toHaveLength(1);
    expect(judge.uncovered(["countersign/providers/a"], expected)).toHaveLength(1);
    const accepting: Expected = new Map([...expected].slice(0, 1));
    expect(judge.uncovered(specifiers, accepting)).toHaveLength(1);
  });

  it("tell a runtime nothing of what is expected", () => {
    const { inputs, expected: all } = allCases();
    expect(all.size).toBeGreaterThan(1300);
    const text = JSON.stringify(inputs);
    expect(text).not.toMatch(/"(?:expect|expectation|verdict|status|handlerCalls)":/);
    for (const code of ["signature_mismatch", "timestamp_too_old", "token_invalid"]) {
      expect(text).not.toContain(`"${code}"`);
    }
  });
});
