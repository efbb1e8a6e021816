import { expect, it } from "vitest";
import { repeatsMember } from "../../src/internal/repeats-member.js";

it.each([
  ["a name twice", '{"a":1,"a":1}'],
  ["with white space before the colon", '{"a" \n:1,"a"\t :2}'],
  ["a name written in two ways", '{"a":1,"\\u0061":2}'],
  ["a name with quotes in it", '{"\\"a":1,"\\"a":2}'],
  ["a name of one character, and of several", '{"ab":{},"ab":[]}'],
  ["below others", '{"x":{"y":[{"a":1,"b":2,"a":3}]}}'],
  ["after an object that has ended", '{"a":{"b":1},"a":2}'],
  ["after a text that looks like an end", '{"a":"}","a":2}'],
  ["an empty name", '{"":1,"":2}'],
])("finds %s", (_what, json) => {
  expect(repeatsMember(json)).toBe(true);
});

it.each([
  ["nothing", "{}"],
  ["no object", '["a","a"]'],
  ["names that differ", '{"a":1,"b":2,"A":3}'],
  ["names that differ at their end", '{"ab":1,"ac":2}'],
  ["a name in objects side by side", '[{"a":1},{"a":2}]'],
  ["a name in an object and around it", '{"a":{"a":{"a":1}}}'],
  ["a name after an object that had it", '{"x":{"a":1},"a":2}'],
  ["a name that is a value too", '{"a":"a","b":"a"}'],
  ["a value that looks like members", '{"a":"{\\"a\\":1,\\"a\\":2}"}'],
  ["values with a colon behind the quotes", '{"a":"b:","b":"a:"}'],
])("finds no repetition in %s", (_what, json) => {
  expect(repeatsMember(json)).toBe(false);
});
