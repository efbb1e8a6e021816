// Writes the generated parts of README.md, between <!-- generated:NAME --> and <!-- /generated:NAME -->.
//
//   node scripts/gen-readme.mjs           rewrites README.md
//   node scripts/gen-readme.mjs --check   writes nothing; exit 1, naming each part that is stale
//
// Reads the built package, so `npm run build` comes first. The name of another file may follow, for tests. The parts:
//
//   providers   from src/providers/*.ts, the built factories, and the options in fixtures/<id>/cases.json
//   retries     from the same factories, and from the samples that each module exports
//   errors      code, stage and status from src/error-kinds.ts; cause and fix are written by hand in the
//               README itself and kept, and a code without them is an error
//   speed       ratios of bench/results.json, which npm run bench writes
//   sizes       from scripts/size.mjs, in kB; rewritten when a figure is off by more than rounding
//   commands    from the help of the built command line
//   transcript  from a run of it: scripts/transcript.mjs
//   diagnoses   from another: scripts/diagnoses.mjs

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { number, sizeName } from "../bench/report/format.mjs";
import { diagnoses } from "./diagnoses.mjs";
import { commands as commandList, transcript } from "./transcript.mjs";

const root = new URL("../", import.meta.url);
const check = process.argv.includes("--check");
const readme = process.argv.slice(2).find((arg) => arg !== "--check") ?? new URL("README.md", root);
const problems = [];

/** What stands behind a scheme's name. One that is not listed is shown by its name. */
const proofs = {
  svix: "HMAC-SHA256 over id, time and body",
  stampedHmac: "HMAC-SHA256 over time and body",
  hmac: "HMAC-SHA256 over the body",
  headerSecret: "a shared secret, in a header that you name",
  bearerJwt: "a signed token (JWT)",
  bearerIntrospection: "a token that your authorization server is asked about",
  bearerToken: "one fixed token",
  unsigned: "nothing: anybody can forge",
};

/** Forms that cases.json cannot hold, because an option is a function. */
const moreForms = {
  validas: [{ bearer: { introspect: async () => ({ active: false }) } }],
};

const row = (...cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) => [row(...head), row(...head.map(() => "---")), ...rows].join("\n");
const code = (text) => `\`${text}\``;
const yes = (value) => (value ? "yes" : "**no**");

/** Whether the proof covers the body, and if not, what makes up for it. */
function boundBy(id, { bindsBody }) {
  if (bindsBody) return yes(true);
  const asks = existsSync(new URL(`src/histories/${id}.ts`, root))
    ? code("confirmWithHistory")
    : `your ${code("confirm")}`;
  return `${yes(false)}; [${asks}](#confirming-what-nothing-binds) asks ${id}`;
}

/** Options as a reader would write them: names only, two levels deep. */
function outline(options, depth = 2) {
  const keys = Object.entries(options).map(([key, value]) => {
    const nested = typeof value === "object" && value !== null && !Array.isArray(value);
    return nested && depth > 1 ? `${key}: ${outline(value, depth - 1)}` : key;
  });
  return `{ ${keys.join(", ")} }`;
}

/** The ways to configure a provider that differ in what they prove, shortest form of each. */
function formsOf(id, factory, cases) {
  const forms = new Map();
  for (const options of [...cases.map((entry) => entry.options), ...(moreForms[id] ?? [])]) {
    let provider;
    try {
      provider = factory(options);
    } catch {
      continue; // A case that is about refused options.
    }
    const form = { provider, text: `${id}(${outline(options)})` };
    const known = forms.get(provider.scheme.name);
    if (known === undefined || form.text.length < known.text.length) {
      forms.set(provider.scheme.name, form);
    }
  }
  // Combinations of the others.
  if (forms.size > 1) for (const name of ["allOf", "anyOf"]) forms.delete(name);
  return [...forms.values()];
}

function signedWith({ scheme }) {
  const proof = proofs[scheme.name] ?? code(scheme.name);
  const context = { timestamp: 0, id: "id", secretIndex: 0, token: "token" };
  const headers = (scheme.sign?.(new Uint8Array(), context) ?? [])
    .filter(({ role }) => ["signature", "stamp", "token"].includes(role))
    .map(({ name }) => code(name));
  return headers.length === 0 ? proof : `${proof}, in ${headers.join(", ")}`;
}

function duration(seconds) {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function roughly(seconds) {
  return seconds < 7200 ? duration(seconds) : `${Math.ceil(seconds / 3600)} h`;
}

/** Every provider: its id, its module as built, and the forms in which it can be configured. */
async function readProviders() {
  const ids = readdirSync(new URL("src/providers/", root))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => name.slice(0, -".ts".length))
    .sort();
  const read = [];
  for (const id of ids) {
    const built = new URL(`dist/providers/${id}.js`, root);
    const recorded = new URL(`fixtures/${id}/cases.json`, root);
    if (!existsSync(built)) throw new Error(`dist/providers/${id}.js is missing: npm run build`);
    if (!existsSync(recorded)) throw new Error(`fixtures/${id}/cases.json is missing`);
    const module = await import(built);
    const { [id]: factory, [`${id}Samples`]: samples } = module;
    if (typeof factory !== "function") throw new Error(`src/providers/${id}.ts exports no ${id}()`);
    const { cases } = JSON.parse(readFileSync(recorded, "utf8"));
    read.push({ id, samples, forms: formsOf(id, factory, cases) });
  }
  return read;
}

async function providers() {
  const proofRows = [];
  const eventRows = [];
  for (const { id, forms } of await readProviders()) {
    for (const { provider, text } of forms) {
      proofRows.push(
        row(
          code(text),
          code(`countersign/providers/${id}`),
          signedWith(provider),
          boundBy(id, provider.scheme),
          yes(provider.scheme.bindsTime),
        ),
      );
    }
    const [{ provider }] = forms;
    const { types, docs } = provider;
    eventRows.push(
      row(
        code(id),
        types.map(code).join(", "),
        docs === undefined ? "–" : `[${new URL(docs).host}](${docs})`,
      ),
    );
  }
  return [
    table(["Provider", "Import", "Signed with", "Body bound?", "Replay protected?"], proofRows),
    table(["Provider", "Message types", "Documentation"], eventRows),
  ].join("\n\n");
}

/** Whether the samples' messages have a subject, and a time. */
async function orderedBy(provider, samples) {
  const messages = await Promise.all(
    Object.values(samples).map((sample) => {
      const body = new TextEncoder().encode(JSON.stringify(sample));
      return provider.read({ body, json: () => sample, secret: { index: 0 } });
    }),
  );
  const has = (field) => {
    const count = messages.filter((message) => message[field] !== undefined).length;
    if (count === 0) return "no";
    return count === messages.length ? "yes" : "mostly";
  };
  return [has("subject"), has("occurredAt")];
}

async function retries() {
  const rows = [];
  const sources = [];
  for (const { id, samples, forms } of await readProviders()) {
    const [{ provider }] = forms;
    const { timeoutMs, retry } = provider;
    const span = retry?.delaysSeconds.reduce((sum, delay) => sum + delay, 0);
    rows.push(
      row(
        code(id),
        timeoutMs === undefined ? "not documented" : duration(timeoutMs / 1000),
        retry === undefined ? "not documented" : retry.delaysSeconds.map(duration).join(", "),
        span === undefined ? "not documented" : roughly(span),
        ...(await orderedBy(provider, samples)),
      ),
    );
    if (retry !== undefined) sources.push(`* Retries of ${code(id)}: ${retry.source}.`);
  }
  const head = ["Provider", "Waits for an answer", "Retries after", "So ids are needed for"];
  return [table([...head, "Has a subject", "Has a time"], rows), sources.join("\n")].join("\n\n");
}

async function errors(current) {
  const source = readFileSync(new URL("src/error-kinds.ts", root), "utf8");
  const { code: script } = await transform(source, { loader: "ts", format: "esm" });
  const kinds = Object.values(await import(`data:text/javascript,${encodeURIComponent(script)}`));
  // A module's names come in alphabetical order; the file's order tells the pipeline.
  kinds.sort(([a], [b]) => source.indexOf(`"${a}"`) - source.indexOf(`"${b}"`));
  const written = new Map(
    [...current.matchAll(/^\| <a id="(\w+)"><\/a>.*$/gm)].map(([line, name]) => [
      name,
      line.split(/(?<!\\)\|/).map((cell) => cell.trim()),
    ]),
  );
  for (const name of written.keys()) {
    if (!kinds.some(([known]) => known === name)) problems.push(`errors: ${name} is no code`);
  }
  const rows = kinds.map(([name, stage, status]) => {
    const [, , , , cause = "", fix = ""] = written.get(name) ?? [];
    if (cause === "" || fix === "") problems.push(`errors: ${name} has no cause or no fix`);
    return row(`<a id="${name}"></a>${code(name)}`, stage, status, cause, fix);
  });
  return table(["Code", "Stage", "Status", "Cause", "Fix"], rows);
}

const peers = {
  svix: "svix",
  standardwebhooks: "standardwebhooks, without `JSON.parse`",
  "stripe verifyHeader": "stripe `verifyHeader`, beside `stampedHmac`",
  "@octokit/webhooks-methods": "@octokit/webhooks-methods, beside `hmac`",
  "by hand: template, Buffer key": "`createHmac` and a template, as often documented",
  "by hand: bytes, KeyObject": "`createHmac` over bytes with a `KeyObject`",
};

function speed() {
  const file = new URL("bench/results.json", root);
  if (!existsSync(file)) throw new Error("bench/results.json is missing: npm run bench");
  const { verify, sections, machine } = JSON.parse(readFileSync(file, "utf8"));
  if (sections.verify.quick)
    throw new Error("bench/results.json is of a quick look: npm run bench");
  const { title, ns, ratio } = verify.runtimes.node24;
  const shown = [100, 1024, 65_536, 1_048_576];
  const times = (value) => (value === undefined ? "–" : `×${number(value)}`);
  const rows = Object.entries(peers).map(([name, label]) =>
    row(label, ...shown.map((size) => times(ratio[size][name]))),
  );
  const parse = "(decode and JSON.parse alone)";
  const parsing = (size, name) => ns[size][name] + ns[size][parse];
  rows.splice(
    1,
    0,
    row(
      "svix, when both parse the JSON as well",
      ...shown.map((size) => times(parsing(size, "svix") / parsing(size, "countersign svix"))),
    ),
  );
  const day = sections.verify.date.slice(0, 10);
  return [
    table([`Time of one verification, ${title}`, ...shown.map(sizeName)], rows),
    `Measured ${day} on ${machine.cpu ?? "one machine"} by \`${sections.verify.command}\`.`,
  ].join("\n\n");
}

function sizes(current) {
  const script = fileURLToPath(new URL("size.mjs", import.meta.url));
  const { stdout } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  const measured = stdout.split("\n").flatMap((line) => {
    const [, name, min, gzip, , carries] =
      /^(\S.*?)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, figures: [min / 1000, gzip / 1000], carries }];
  });
  if (measured.length === 0) throw new Error("scripts/size.mjs printed no figures");
  const rows = measured.map(({ name, figures, carries }) => {
    const printed = new RegExp(
      `^\\| ${name.replace(/[^\w ]/g, "\\$&")} \\| (\\S+) kB \\| (\\S+) kB \\|`,
      "m",
    )
      .exec(current)
      ?.slice(1);
    // Compressors differ by a few bytes from one Node version to the next.
    const cells = figures.map((figure, index) => {
      const close = Math.abs(Number(printed?.[index]) - figure) < 0.1;
      return `${close ? printed[index] : figure.toFixed(1)} kB`;
    });
    return row(name, ...cells, carries === "-" ? "–" : carries);
  });
  return table(["Bundle of", "Minified", "Gzip", "Carries"], rows);
}

async function commands() {
  const rows = (await commandList()).map(([name, what]) => row(code(name), what));
  if (rows.length === 0) throw new Error("the command line lists no commands");
  return table(["Command", "What it is for"], rows);
}

let text = readFileSync(readme, "utf8");
for (const [name, make] of Object.entries({
  providers,
  retries,
  errors,
  speed,
  sizes,
  commands,
  transcript,
  diagnoses,
})) {
  const [opening, closing] = [`<!-- generated:${name} -->`, `<!-- /generated:${name} -->`];
  const [start, end] = [text.indexOf(opening), text.indexOf(closing)];
  if (start < 0 || end < start) {
    problems.push(`${name}: README.md has no ${opening} … ${closing}`);
    continue;
  }
  const current = text.slice(start + opening.length, end);
  let wanted;
  try {
    wanted = `\n${await make(current)}\n`;
  } catch (error) {
    problems.push(`${name}: ${error.message}`);
    continue;
  }
  if (wanted === current) continue;
  if (check) problems.push(`${name}: stale; npm run gen writes it`);
  else text = text.slice(0, start + opening.length) + wanted + text.slice(end);
}
if (!check) writeFileSync(readme, text);
for (const problem of problems) console.error(`README.md: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
