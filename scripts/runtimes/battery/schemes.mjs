// Checks deliveries with the schemes, each in several ways that have to agree.

import { bytesOf, containersOf, optionsOf } from "./values.mjs";
import { agreed, proofOf, verdictOf } from "./verdict.mjs";

function exported(modules, name) {
  const found = Object.values(modules).find((module) => typeof module[name] === "function");
  return found?.[name];
}

/** Plays the authorization server that introspection asks: a table of answers. */
function introspectionOf(answers) {
  return async (token) => {
    const answer = answers[token] ?? { active: false };
    if (answer === "out of reach") throw new Error("the authorization server is out of reach");
    return answer;
  };
}

/** Plays the server of a key set. */
function fetchOf(served) {
  return async () => {
    if (served === "out of reach") throw new TypeError("the key server is out of reach");
    return new Response(JSON.stringify(served), {
      headers: { "content-type": "application/json" },
    });
  };
}

function argumentsOf({ answers, served, ...options }) {
  return {
    ...optionsOf(options),
    ...(answers === undefined ? {} : { introspect: introspectionOf(answers) }),
    ...(served === undefined ? {} : { fetch: fetchOf(served) }),
  };
}

/** Makes a scheme of `[name, options]`, or of `[name, ...schemes]` for one that combines others. */
function schemeOf(modules, [name, ...rest]) {
  const make = exported(modules, name);
  if (make === undefined) throw new TypeError(`the package exports no ${name}`);
  return make(
    ...rest.map((one) => {
      if (Array.isArray(one)) return schemeOf(modules, one);
      return typeof one === "object" ? argumentsOf(one) : one;
    }),
  );
}

/** The body; and in another form of the same bytes, where there is one. */
function bodiesOf({ base64, isText, value }) {
  if (base64 === undefined) return [value];
  const bytes = bytesOf(base64);
  const text = () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return [bytes, isText ? text() : bytes.buffer];
}

/** Every way to ask, by name: each container of the headers, each form of the body, prepared and at once. */
function waysToAsk(modules, { scheme, headers, body, now }) {
  const clock = () => now * 1000;
  const [name, options] = scheme;
  const containers = containersOf(headers);
  const [usual, ...others] = bodiesOf(body);
  const prepared = (delivery) => () => schemeOf(modules, scheme).verify(delivery, { now: clock });
  const oneShot = exported(modules, `verify${name[0].toUpperCase()}${name.slice(1)}`);
  const ways = {};
  for (const [container, contained] of Object.entries(containers)) {
    ways[container] = prepared({ headers: contained, body: usual });
  }
  for (const other of others) {
    ways["other body"] = prepared({ headers: containers.pairs, body: other });
  }
  if (oneShot !== undefined) {
    const timed = /^(?:svix|stamped)/.test(name) ? { now: clock } : {};
    ways["at once"] = () =>
      oneShot({ headers: containers.record, body: usual }, { ...argumentsOf(options), ...timed });
  }
  return ways;
}

/** @returns One verdict, on which all ways to ask agree. */
export async function runScheme(modules, input) {
  const verdicts = {};
  for (const [way, ask] of Object.entries(waysToAsk(modules, input))) {
    verdicts[way] = await verdictOf(modules.countersign, async () => proofOf(await ask()));
  }
  return agreed(verdicts);
}
