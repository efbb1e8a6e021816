import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { isBytes } from "../../src/internal/bytes.js";

describe("isBytes", () => {
  it.each<[string, unknown]>([
    ["a Uint8Array", new Uint8Array(2)],
    ["a Buffer", Buffer.from("{}")],
    ["a Uint8Array of another realm", runInNewContext("new Uint8Array(2)")],
    [
      "one that calls itself something else",
      Object.defineProperty(new Uint8Array(2), Symbol.toStringTag, { value: "Odd" }),
    ],
    ["a part of one", new Uint8Array(4).subarray(1, 3)],
  ])("recognises %s", (_what, value) => {
    expect(isBytes(value)).toBe(true);
  });

  it.each<[string, unknown]>([
    ["another array of numbers", new Uint16Array(2)],
    ["one of another realm", runInNewContext("new Uint16Array(2)")],
    ["a view without elements", new DataView(new ArrayBuffer(2))],
    ["an object that says so", { [Symbol.toStringTag]: "Uint8Array", length: 2 }],
    ["an object that inherits from one", Object.create(Uint8Array.prototype)],
    [
      "another array that inherits from one",
      Object.setPrototypeOf(new Uint16Array(2), Uint8Array.prototype),
    ],
    [
      "one that claims to be longer",
      Object.defineProperty(new Uint8Array(2), "length", { value: 9 }),
    ],
    [
      "one that claims to be empty",
      Object.defineProperty(new Uint8Array(2), "length", { value: 0 }),
    ],
    ["its buffer", new ArrayBuffer(2)],
    ["text", "{}"],
    ["nothing", undefined],
  ])("refuses %s", (_what, value) => {
    expect(isBytes(value)).toBe(false);
  });
});
