import { describe, expect, it } from "vitest";
import { readMoment } from "../../../src/cli/ui/debugger/moment.js";
import {
  type Field,
  optionsOf,
  valuesOf,
  withInventedSecrets,
} from "../../../src/cli/ui/debugger/source.js";

describe("the time at which a delivery is checked", () => {
  it.each([
    ["", 5],
    [" ", 5],
    ["1777885262", 1777885262000],
    ["1777885262123", 1777885262123],
    ["2026-05-04T09:01:02Z", 1777885262000],
  ])("is read from %j", (text, expected) => {
    expect(readMoment(text, 5)).toBe(expected);
  });

  it("is refused where it is none", () => {
    expect(() => readMoment("yesterday", 5)).toThrow(SyntaxError);
  });
});

describe("the options of a form", () => {
  const fields: readonly Field[] = [
    { path: ["secret"], kind: "secrets" },
    { path: ["header", "name"], kind: "text", value: "x-api-key" },
    { path: ["header", "value"], kind: "secrets" },
    { path: ["toleranceSeconds"], kind: "json", optional: true },
  ];

  it.each([
    { secret: "one", header: { name: "x-api-key", value: "v" } },
    { secret: ["one", "two"], header: { name: "x-other", value: "v" }, toleranceSeconds: 60 },
  ])("are what was put into it: %j", (options) => {
    expect(optionsOf(fields, valuesOf(fields, options))).toEqual(options);
  });

  it("leave out what is empty and optional, and take what stands there at first", () => {
    expect(optionsOf(fields, { secret: ["s"], "header.value": ["v"] })).toEqual({
      secret: "s",
      header: { name: "x-api-key", value: "v" },
    });
  });

  it("are refused where JSON is none", () => {
    expect(() => optionsOf(fields, { toleranceSeconds: ["a lot"] })).toThrow(
      "toleranceSeconds is not JSON.",
    );
  });
});

describe("options with invented secrets", () => {
  it("have another each time where a secret was, and the rest as it was", () => {
    const fields: readonly Field[] = [
      { path: ["secret"], kind: "secrets" },
      { path: ["header", "value"], kind: "secrets" },
      { path: ["header", "name"], kind: "text" },
      { path: ["toleranceSeconds"], kind: "json" },
    ];
    const given = {
      secret: ["one", "two"],
      header: { name: "x-key", value: "three" },
      toleranceSeconds: 60,
    };
    const [first, second] = [1, 2].map(() => withInventedSecrets(fields, given));
    const invented = expect.stringMatching(/^whsec_[0-9a-f]{48}$/);
    expect(first).toEqual({
      secret: invented,
      header: { name: "x-key", value: invented },
      toleranceSeconds: 60,
    });
    expect(second?.secret).not.toBe(first?.secret);
  });
});
