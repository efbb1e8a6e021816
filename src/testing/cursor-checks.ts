import { namedTexts, oddTexts } from "./odd-texts.js";
import { call, demand, fresh, sleep, type Trial, type TrialCheck } from "./store-trial.js";

const atOnce = 50;
const longest = 65_536;

/** What a cursor may be, beside a few ids as JSON. */
const values: readonly string[] = [
  JSON.stringify({ after: "9b2762f0", failed: ["7", "8"], page: 3 }, null, 2),
  `{ "a" : 1.0, "A":1e3,"a":"\\u0000\\ud83d" }`,
  ...["null", "undefined", "false", "0", "007", "1e3", "json:1", "=", "-", "\\", "\\\\", "''", '"'],
  ...[" ", " a ", "\n", "\r\n\t", "a\r\nb", "%s ? $1 {} '; --"],
  ...["É é e\u0301 ﬁ", "ключ 鍵", "😀😁", "\u0001\u001f\u007f", "\u200b\ufeff\u00a0\u2028"],
];

/** A cursor of so many bytes of UTF-8. */
const filled = (bytes: number, unit: string, unitBytes: number): string =>
  unit.repeat(Math.floor(bytes / unitBytes)) + "x".repeat(bytes % unitBytes);

const shown = (value: unknown): string => {
  if (typeof value !== "string") return String(value);
  return value.length <= 60 ? JSON.stringify(value) : `a text of ${value.length} characters`;
};

/** The cursors of a store under trial. */
interface CursorTrial {
  read(name: string, when: string): Promise<unknown>;
  write(name: string, value: string): Promise<void>;
  /** Reads, and fails unless it is this. */
  expect(value: string | undefined, name: string, when: string): Promise<void>;
}

function cursorsOf({ store }: Trial): CursorTrial {
  const read = (name: string, when: string): Promise<unknown> =>
    call("readCursor", when, async () => store.readCursor?.(name));
  return {
    read,
    write: (name, value) =>
      call("writeCursor", `A cursor that is ${shown(value)}`, async () =>
        store.writeCursor?.(name, value),
      ),
    expect: async (value, name, when) => {
      const got = await read(name, when);
      demand(got === value, when, shown(value), shown(got));
    },
  };
}

/** The list of checks is made before the store: where it keeps no cursors, these have nothing to find. */
const whereItKeepsCursors = (
  name: string,
  run: (cursors: CursorTrial, trial: Trial) => Promise<void>,
): TrialCheck => ({
  name: `where it keeps cursors: ${name}`,
  run: async (trial) => {
    if (trial.store.readCursor !== undefined) await run(cursorsOf(trial), trial);
  },
});

/** What is kept under a name, for how long, and what has nothing to do with it. */
export const cursorChecks: readonly TrialCheck[] = [
  {
    name: "a store that reads cursors writes them too, and the other way round",
    run: async ({ store }) => {
      const has = (method: unknown): string => (typeof method === "function" ? "one" : "none");
      const [read, written] = [has(store.readCursor), has(store.writeCursor)];
      demand(read === written, "writeCursor", `${read}, as there is of readCursor`, written);
    },
  },
  whereItKeepsCursors("one that was never written is undefined", ({ expect }) =>
    expect(undefined, fresh(), "A cursor that was never written"),
  ),
  whereItKeepsCursors("one is what was written last", async ({ write, expect }, { times }) => {
    const name = fresh();
    for (const value of ["10", "9", "9", "", "11"]) {
      await write(name, value);
      await expect(value, name, "A cursor that has just been written");
    }
    await sleep(times.shortMs);
    await expect("11", name, "A cursor, some time after it was written");
  }),
  whereItKeepsCursors("empty text is one", async ({ write, expect }) => {
    const name = fresh();
    await write(name, "");
    await expect("", name, "A cursor that was written as empty text");
  }),
  whereItKeepsCursors(
    "each comes back as it was written, to the character",
    async ({ write, expect }) => {
      const prefix = fresh();
      await Promise.all(values.map((value, index) => write(`${prefix} ${index}`, value)));
      for (const [index, value] of values.entries()) {
        await expect(value, `${prefix} ${index}`, `A cursor that was written as ${shown(value)}`);
      }
    },
  ),
  whereItKeepsCursors("one may be of 64 KiB", async ({ write, expect }) => {
    const name = fresh();
    for (const value of [
      `${filled(longest - 1, "x", 1)}y`,
      filled(longest, '"', 1),
      filled(longest, "é", 2),
      filled(longest, "鍵", 3),
      filled(longest, "😀", 4),
      "short again",
    ]) {
      await write(name, value);
      await expect(value, name, "A cursor of up to 65536 bytes");
    }
  }),
  whereItKeepsCursors("one is the same through another store", async ({ write, expect }, trial) => {
    const other = cursorsOf(await trial.another());
    const name = fresh();
    await other.expect(undefined, name, "A cursor that was never written, in another store");
    for (const round of ["1", "2"]) {
      await write(name, `first ${round}`);
      await other.expect(`first ${round}`, name, "A cursor that another store has written");
      await other.write(name, `second ${round}`);
      await expect(`second ${round}`, name, "A cursor that another store has written since");
    }
  }),
  whereItKeepsCursors(
    `${atOnce} writers at once leave one of their values, and nobody reads another`,
    async (cursors, trial) => {
      const both = [cursors, cursorsOf(await trial.another())] as const;
      const name = fresh();
      const texts = Array.from({ length: atOnce }, (_, index) => `${index} `.repeat(100));
      await cursors.write(name, texts[0] as string);
      const when = "A cursor that is written by many at once";
      const read = async (index: number): Promise<void> => {
        const got = await both[index % 2 === 0 ? 0 : 1].read(name, when);
        demand(texts.includes(got as string), when, "one of the values", shown(got));
      };
      await Promise.all(
        texts.flatMap((text, index) => [
          both[index % 2 === 0 ? 0 : 1].write(name, text),
          read(index),
        ]),
      );
      await read(0);
      const last = (await cursors.read(name, when)) as string;
      await both[1].expect(last, name, "A cursor that many have written, in another store");
    },
  ),
  whereItKeepsCursors(
    "one has nothing to do with the message or subject of the same text",
    async ({ write, expect }, { hold, expect: expectClaim }) => {
      const text = fresh();
      const order = { subject: text, at: 20 };
      await write(text, "written first");
      const holder = await hold(text, "A new message, called as a cursor is", { order });
      await expect("written first", text, "A cursor, called as a message is that is held");
      await write(text, "while it is held");
      await expectClaim("busy", text, "A message that is held, called as a cursor is", { order });
      await holder.complete();
      await expect("while it is held", text, "A cursor, called as a message is that is done");
      await write(text, "once it is done");
      await expectClaim("done", text, "A message that is done, called as a cursor is", { order });
      const message = fresh();
      await (await hold(message, "A new message")).complete();
      await expect(undefined, message, "A cursor that was never written, called as a message is");
      const released = fresh();
      await write(released, "kept");
      await (await hold(released, "A new message, called as a cursor is")).release();
      await expect("kept", released, "A cursor, called as a message is that was released");
    },
  ),
  whereItKeepsCursors(
    "one stays when messages are forgotten",
    async ({ write, expect }, { hold, holdWithin, times }) => {
      const text = fresh();
      const holder = await hold(text, "A new message, called as a cursor is");
      await write(text, "kept");
      await holder.complete(times.shortMs);
      const limit = times.shortMs + times.patienceMs;
      const when = "A message that is called as a cursor is";
      await holdWithin(limit, text, `${when}, when its time has ended`, { leaseMs: times.shortMs });
      await (await holdWithin(limit, text, `${when}, when its lease has ended`)).release();
      await expect("kept", text, "A cursor, when the message of the same text has been forgotten");
    },
  ),
  ...oddTexts.map(({ title, texts }) =>
    whereItKeepsCursors(`names are apart that differ ${title}`, async ({ write, expect }) => {
      const names = texts(fresh());
      for (const name of names) {
        await expect(undefined, name, `A new cursor whose name differs ${title} from others`);
        await write(name, `of ${names.indexOf(name)}`);
      }
      for (const [index, name] of names.entries()) {
        await expect(`of ${index}`, name, `A cursor whose name differs ${title} from others`);
      }
    }),
  ),
  ...namedTexts.map(([title, name]) =>
    whereItKeepsCursors(`${title} is a name like others`, async ({ read, write }) => {
      const when = `A cursor whose name is ${title}`;
      const before = await read(name, when);
      const fits = before === undefined || typeof before === "string";
      demand(fits, when, "undefined or a text", typeof before);
      const value = fresh();
      await write(name, value);
      const after = await read(name, when);
      // There is but one such name: another run may have written since.
      const isOthers = String(after).startsWith("conformance-") && after !== before;
      demand(after === value || isOthers, when, "what was written", "something else");
    }),
  ),
];
