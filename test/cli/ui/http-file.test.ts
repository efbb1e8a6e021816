import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseHttpFile } from "../../../src/cli/http-file.js";
import {
  httpFile,
  httpText,
  readHeaders,
  splitHttpFile,
} from "../../../src/cli/ui/text/http-file.js";
import { fixtureCases, fixtureFolders } from "../../helpers/fixtures.js";

const request = {
  method: "POST",
  path: "/hooks?x=1",
  headers: [
    ["Host", "127.0.0.1:4400"],
    ["X-Sign", "a: b"],
    ["Content-Length", "5"],
    ["X-Sign", "café"],
  ] as const,
  body: new Uint8Array([0, 255, 13, 10, 123]),
};

describe("a copied .http file", () => {
  it("is read by the command line as it was received", () => {
    expect(parseHttpFile(httpFile(request))).toEqual({ ...request, surplus: 0 });
  });

  it("says how long a body is that came in chunks", () => {
    const chunked = [["transfer-encoding", "chunked"]] as const;
    const { headers, body } = parseHttpFile(httpFile({ ...request, headers: chunked }));
    expect(headers).toEqual([["Content-Length", "5"]]);
    expect([...body]).toEqual([...request.body]);
  });

  it("is no text where the body is none", () => {
    expect(httpText(request)).toBeUndefined();
    const text = httpText({ ...request, headers: [], body: Buffer.from('{"é":1}\r\n') });
    expect(text).toBe('POST /hooks?x=1 HTTP/1.1\r\nContent-Length: 10\r\n\r\n{"é":1}\r\n');
  });

  const files = fixtureFolders().flatMap((id) =>
    fixtureCases(id).map(({ file }) => new URL(`../../../fixtures/${id}/${file}`, import.meta.url)),
  );

  it(`is taken apart as the command line does it, for ${files.length} recorded deliveries`, () => {
    expect(files.length).toBeGreaterThan(100);
    for (const file of files) {
      const bytes = readFileSync(file);
      const { head, body } = splitHttpFile(bytes);
      const expected = parseHttpFile(bytes);
      expect(Buffer.from(body).equals(expected.body), String(file)).toBe(true);
      expect(readHeaders(head), String(file)).toEqual(expected.headers);
    }
  });
});

describe("pasted headers", () => {
  it("may have a request line, blank lines and any line ends", () => {
    expect(readHeaders("POST /a HTTP/1.1\r\nA: 1\r\n\r\n  b-c:2\nD:\n")).toEqual([
      ["A", "1"],
      ["b-c", "2"],
      ["D", ""],
    ]);
  });

  it("are refused where a line is none", () => {
    expect(() => readHeaders("A: 1\nwhat is this")).toThrow("not a header: what is this");
    expect(() => readHeaders(": 1")).toThrow(SyntaxError);
  });
});
