import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Capture, captureLog } from "../../src/cli/captures.js";
import { formatHttpFile, parseHttpFile } from "../../src/cli/http-file.js";
import { printable, shellWord } from "../../src/cli/printable.js";
import { span } from "../../src/cli/schedule.js";

const fixtures = fileURLToPath(new URL("../../fixtures/", import.meta.url));
const recorded = readdirSync(fixtures, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".http"),
);

describe("a .http file", () => {
  it("is written as it was read, byte for byte, for every recorded delivery", () => {
    expect(recorded.length).toBeGreaterThan(100);
    const changed = recorded.filter((path) => {
      const bytes = readFileSync(fixtures + path);
      return !bytes.equals(formatHttpFile(parseHttpFile(bytes)));
    });
    expect(changed).toEqual([]);
  });

  it("keeps bytes that are no text, and header values in Latin-1", () => {
    const request = {
      method: "POST",
      path: "/",
      headers: [
        ["X-Name", "Zoë"],
        ["x-twice", "1"],
        ["X-Other", ""],
        ["x-twice", "2"],
      ] as const,
      body: Uint8Array.of(0, 255, 13, 10, 13, 10, 128),
    };
    const read = parseHttpFile(formatHttpFile(request));
    expect({ ...read, body: [...read.body] }).toEqual({
      ...{ ...request, body: [...request.body] },
      surplus: 0,
    });
  });

  it("may be written by hand, with bare line feeds and a line too many at the end", () => {
    const read = parseHttpFile(
      Buffer.from("POST /a?b=c HTTP/1.1\nX-One: 1\nContent-Length: 6\n\n{}\n\n{}\n"),
    );
    expect(read).toMatchObject({
      path: "/a?b=c",
      headers: [
        ["X-One", "1"],
        ["Content-Length", "6"],
      ],
    });
    expect(Buffer.from(read.body).toString()).toBe("{}\n\n{}");
    expect(Buffer.from(parseHttpFile(Buffer.from("POST / HTTP/1.1\n\n{}\n")).body).toString()).toBe(
      "{}\n",
    );
  });

  it("keeps of a value all that is no space and no tab, as Node does", () => {
    const head = "POST / HTTP/1.1\r\nX-One: \t\u00a0a\u00a0 \t\r\nX-Two:\u000bb\u000c";
    const { headers } = parseHttpFile(Buffer.from(`${head}\r\n\r\n`, "latin1"));
    expect(headers).toEqual([
      ["X-One", "\u00a0a\u00a0"],
      ["X-Two", "\u000bb\u000c"],
    ]);
  });

  it.each([
    "POST / HTTP/1.1\nX-One: 1\n\r\n{}",
    "POST / HTTP/1.1\r\nX-One: 1\r\n\n{}",
    "POST / HTTP/1.1\r\nX-One: 1\n\n{}",
  ])("may mix line ends: %j", (text) => {
    const { headers, body } = parseHttpFile(Buffer.from(text));
    expect([headers, Buffer.from(body).toString()]).toEqual([[["X-One", "1"]], "{}"]);
  });

  it.each(["", "{}", "X-One: 1\n\n{}", "POST /\n\n{}", "POST / HTTP/1.1\nno colon\n\n{}"])(
    "is not %j",
    (text) => {
      expect(() => parseHttpFile(Buffer.from(text))).toThrow(/request line|“Name: value”/);
    },
  );
});

describe("what a sender wrote", () => {
  it("cannot steer the terminal", () => {
    expect(printable("a\u001b[2Jb\r\n\u202ec\u009b")).toBe(
      "a\\u001b[2Jb\\u000d\\u000a\\u202ec\\u009b",
    );
    expect(printable("x".repeat(500))).toHaveLength(120);
  });

  it("is one word of a shell", () => {
    expect(["a/b.http", "it's; rm -rf ~", "$(id)"].map(shellWord)).toEqual([
      "a/b.http",
      `'it'\\''s; rm -rf ~'`,
      "'$(id)'",
    ]);
  });
});

describe("a time span", () => {
  it.each([
    [0.25, "250 ms"],
    [5, "5 s"],
    [300, "5 min"],
    [90, "1 min 30 s"],
    [36_000, "10 h"],
    [5400, "1 h 30 min"],
  ])("of %d seconds is read as %s", (seconds, text) => {
    expect(span(seconds)).toBe(text);
  });
});

describe("the log of captures", () => {
  const capture = (id: string, size: number): Capture => ({
    id,
    receivedAt: "2026-01-01T00:00:00.000Z",
    method: "POST",
    path: "/",
    headers: [],
    body: new Uint8Array(size),
    provider: "",
    outcome: { kind: "captured", status: 200 },
  });

  it("keeps the latest, by number and by bytes, and at least the last", () => {
    const byNumber = captureLog({ maxCaptures: 2 });
    for (const id of ["a", "b", "c"]) byNumber.add(capture(id, 1));
    expect(byNumber.list().map(({ id }) => id)).toEqual(["b", "c"]);
    expect(byNumber.get("a")).toBeUndefined();
    const bySize = captureLog({ maxBytes: 10 });
    for (const [id, size] of [
      ["a", 4],
      ["b", 4],
      ["c", 4],
      ["d", 50],
    ] as const) {
      bySize.add(capture(id, size));
    }
    expect(bySize.list().map(({ id }) => id)).toEqual(["d"]);
    bySize.add(capture("e", 1));
    expect(bySize.list().map(({ id }) => id)).toEqual(["e"]);
  });

  it("tells each listener until that one has had enough, whatever another throws", () => {
    const log = captureLog();
    const heard: string[] = [];
    log.subscribe(() => {
      throw new Error("gone");
    });
    const stop = log.subscribe(({ id }) => heard.push(id));
    log.add(capture("a", 1));
    stop();
    log.add(capture("b", 1));
    expect(heard).toEqual(["a"]);
  });
});
