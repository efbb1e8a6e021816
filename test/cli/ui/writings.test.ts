import { describe, expect, it } from "vitest";
import { writingsOf } from "../../../src/cli/ui/text/writings.js";
import { diagnose } from "../../../src/diagnose.js";
import { hmac } from "../../../src/schemes/hmac.js";
import { mac } from "../../helpers/sign.js";

const secret = "an-invented-secret-for-tests";
const provider = { name: "custom", scheme: hmac({ secret, header: "x-sign" }) };
const value = { name: "Mirela Dravetz, café", url: "https://example.test/a", list: [1, 2.5, null] };

/** What the page offers for a body that came in place of the one that was signed. */
async function offered(sent: string, received: string) {
  const headers = { "x-sign": mac(secret, "hex", sent) };
  const { findings } = await diagnose({ headers, body: received }, provider);
  return { findings, writings: await writingsOf(Buffer.from(received), findings) };
}

const compact = JSON.stringify(value);

describe("the body beside which a refused one is shown", () => {
  it.each([
    ["2 spaces", JSON.stringify(value, null, 2), compact],
    ["4 spaces", JSON.stringify(value, null, 4), compact],
    ["tabs", JSON.stringify(value, null, "\t"), compact],
    ["no spaces", compact, JSON.stringify(value, null, 2)],
    ["PHP's slashes", compact.replaceAll("/", "\\/"), compact],
    ["ASCII escapes", compact.replace("é", "\\u00e9"), compact],
    ["a newline at the end", `${compact}\n`, compact],
    [
      "CRLF",
      JSON.stringify(value, null, 2).replaceAll("\n", "\r\n"),
      JSON.stringify(value, null, 2),
    ],
  ])("is the one that was signed: %s", async (_name, sent, received) => {
    const { findings, writings } = await offered(sent, received);
    expect(findings[0]?.code).toMatch(/^body_/);
    expect(writings[0]).toMatchObject({ text: sent, fits: true });
    expect(writings.filter(({ fits }) => fits)).toHaveLength(1);
    expect(writings.every(({ text }) => text !== received)).toBe(true);
  });

  it("is what JSON.stringify makes of it where nothing fits", async () => {
    const received = JSON.stringify(value, null, 2);
    const { findings, writings } = await offered("another body", received);
    expect(findings).toEqual([]);
    expect(writings[0]).toEqual({
      title: "JSON.stringify(JSON.parse(body))",
      text: compact,
      fits: false,
    });
    expect(writings.some(({ fits }) => fits)).toBe(false);
  });

  it("is none for bytes that are no text", async () => {
    expect(await writingsOf(new Uint8Array([255, 254]), [])).toEqual([]);
  });
});
