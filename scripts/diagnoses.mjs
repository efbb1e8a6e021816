// What a terminal shows when `countersign diagnose` is given recorded deliveries that something has happened to: the real
// command, run here on deliveries that are signed here.

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const binary = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const built = (name) => import(new URL(`../dist/${name}.js`, import.meta.url));

const secret = "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw==";
const event = { status: "successful", refId: "KYC_USER_1042" };
const hours = 3_600_000;

/** A recorded request. */
function httpFile({ headers }, body) {
  const bytes = Buffer.from(body);
  const lines = Object.entries({
    host: "example.test",
    "content-length": bytes.length,
    ...headers,
  });
  const head = ["POST /webhooks HTTP/1.1", ...lines.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), bytes]);
}

function run(args, cwd, env) {
  return new Promise((resolve, reject) => {
    const settings = { cwd, env: { PATH: process.env.PATH, COLUMNS: "110", ...env } };
    execFile(process.execPath, [binary, ...args], settings, (_error, stdout, stderr) =>
      stdout === "" ? reject(new Error(stderr)) : resolve((stdout + stderr).trimEnd()),
    );
  });
}

/** The transcripts, as a block of the README. */
export async function diagnoses() {
  const { signDelivery } = await built("testing");
  const { vove } = await built("providers/vove");
  const { dataspike } = await built("providers/dataspike");
  const provider = vove({ secret });
  const now = () => Date.now() - 2 * hours - 60_000;
  const body = JSON.stringify(event);
  const old = signDelivery(provider, `${body}\n`, { now });
  const other = signDelivery(dataspike({ secret: `whsec_${"0b".repeat(32)}` }), {
    event_type: "DOCVER",
  });
  const cases = [
    [
      "parsed-again",
      httpFile(signDelivery(provider, JSON.stringify(event, undefined, 2), { now }), body),
    ],
    ["quoted-secret", httpFile(signDelivery(provider, event), body), `"${secret}"`],
    ["api-gateway", httpFile(signDelivery(provider, event), Buffer.from(body).toString("base64"))],
    ["wrong-address", httpFile(other, other.body)],
    ["forged", httpFile(old, body.replace("1042", "1043"))],
  ];
  const folder = mkdtempSync(join(tmpdir(), "countersign-diagnoses-"));
  try {
    const shown = [];
    for (const [name, file, given = secret] of cases) {
      writeFileSync(join(folder, `${name}.http`), file);
      const args = ["diagnose", `${name}.http`, "--provider", "vove"];
      const output = await run(args, folder, { COUNTERSIGN_SECRET: given });
      shown.push(`$ npx countersign ${args.join(" ")}\n${output}`);
    }
    return `\`\`\`\n${shown.join("\n\n")}\n\`\`\``;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(await diagnoses());
