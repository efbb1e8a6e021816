// All cases: what a runtime is given, and, kept apart, what has to come of it.

import { bearerIntrospectionCases, bearerJwtCases } from "./bearer.mjs";
import { catchUpCases } from "./catch-ups.mjs";
import { allOfCases, anyOfCases } from "./combined.mjs";
import { hmacCases, hmacSizeCases, stampedHmacCases } from "./hmacs.mjs";
import { publishedCases, recordedCases, recordings } from "./recorded.mjs";
import { demonstrationCases, recordedRequestCases, requestStateCases } from "./requests.mjs";
import {
  bearerTokenCases,
  headerSecretCases,
  optionCases,
  unsignedCases,
} from "./shared-secrets.mjs";
import { svixCases } from "./svix.mjs";
import { svixAsymmetricCases } from "./svix-asymmetric.mjs";

const schemes = {
  svix: svixCases,
  svixAsymmetric: svixAsymmetricCases,
  hmac: hmacCases,
  stampedHmac: stampedHmacCases,
  headerSecret: headerSecretCases,
  allOf: allOfCases,
  anyOf: anyOfCases,
  bearerJwt: bearerJwtCases,
  bearerIntrospection: bearerIntrospectionCases,
  bearerToken: bearerTokenCases,
  unsigned: unsignedCases,
};

/** @returns The inputs, and by name the group and expectation of each result that they must bring. */
export function allCases() {
  const inputs = [];
  const expected = new Map();
  const expectResult = (name, group, expectation) => {
    if (expected.has(name)) throw new Error(`two cases are called “${name}”`);
    expected.set(name, { group, expectation });
  };
  const adder = (group) => (title, input, expectation) => {
    const name = `${group}: ${title}`;
    expectResult(name, group, expectation);
    inputs.push({ kind: "scheme", name, ...input });
  };
  const fetchAdder = (group) => (input, results) => {
    const prefixed = (delivery) => ({
      ...delivery,
      name: `${group}: ${delivery.name}`,
      ...(delivery.meanwhile === undefined ? {} : { meanwhile: prefixed(delivery.meanwhile) }),
    });
    inputs.push({ kind: "fetch", ...input, deliveries: input.deliveries.map(prefixed) });
    for (const [name, expectation] of results)
      expectResult(`${group}: ${name}`, group, expectation);
  };

  publishedCases(adder("published vectors"));
  hmacSizeCases(adder("hmac sizes"));
  for (const [name, cases] of Object.entries(schemes)) cases(adder(`scheme ${name}`));
  optionCases(adder("options refused"));
  for (const set of recordings()) recordedCases(adder(`provider ${set.provider}`), set);
  for (const set of recordings()) recordedRequestCases(fetchAdder("fetch recorded"), set);
  demonstrationCases(fetchAdder("fetch demo"));
  requestStateCases(fetchAdder("fetch states"));
  catchUpCases((title, input, expectation) => {
    const name = `catch-up: ${title}`;
    expectResult(name, "catch-up", expectation);
    inputs.push({ kind: "catch-up", name, ...input });
  });
  return { inputs, expected };
}
