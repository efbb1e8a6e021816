// What a terminal shows while `countersign listen` receives: the real command, run here. What differs from run to run
// (time, port, folder) is written as it might be.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const binary = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const testing = new URL("../dist/testing.js", import.meta.url);
const vove = new URL("../dist/providers/vove.js", import.meta.url);
const secret = "whsec_dGhpcyBpcyBhIHNlY3JldCBvZiB0ZXN0cw==";

/** Starts a command, and waits for what it prints. */
function start(args, cwd) {
  const env = { PATH: process.env.PATH, COUNTERSIGN_SECRET: secret, COLUMNS: "110" };
  const child = spawn(process.execPath, [binary, ...args], { cwd, env });
  let output = "";
  let look = () => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      look();
    });
  }
  const until = (pattern) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${pattern} in: ${output}`)), 20_000);
      look = () => {
        if (!pattern.test(output)) return;
        clearTimeout(timer);
        resolve(pattern.exec(output));
      };
      look();
    });
  const end = async () => {
    child.kill("SIGINT");
    await once(child, "close");
    return output;
  };
  return { until, end };
}

/** A genuine delivery, and the same one after a parser and a writer. */
async function post(url) {
  const { signDelivery } = await import(testing);
  const provider = (await import(vove)).vove({ secret });
  const event = { status: "successful", refId: "KYC_USER_1042" };
  const { headers, body } = signDelivery(provider, event);
  await fetch(url, { method: "POST", headers, body });
  const again = JSON.stringify(event, undefined, 2);
  await fetch(url, { method: "POST", headers, body: again });
}

/** The transcript, as a block of the README. */
export async function transcript() {
  const folder = mkdtempSync(join(tmpdir(), "countersign-transcript-"));
  try {
    const running = start(["listen", "--provider", "vove", "--port", "0"], folder);
    const [, url] = await running.until(/Listening on (http:\/\/[\d.:]+) .*\n[\s\S]*\n3\. .*\n/);
    await post(`${url}/webhooks`);
    await running.until(/body_reserialized[\s\S]*sent again.*\n/);
    const output = await running.end();
    const shown = output
      .replaceAll(url, "http://127.0.0.1:4400")
      .replace(/\d{8}T\d{6}\.\d{3}Z(?=-0001)/g, "20261121T094107.204Z")
      .replace(/\d{8}T\d{6}\.\d{3}Z(?=-0002)/g, "20261121T094131.871Z")
      .replace(/^\d\d:\d\d:\d\d/m, "09:41:07")
      .replace(/^(?!09:41:07)\d\d:\d\d:\d\d/m, "09:41:31")
      .trimEnd();
    return `\`\`\`\n$ npx countersign listen --provider vove\n${shown}\n\`\`\``;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The commands with what they are for, from the help of the command itself. */
export async function commands() {
  const child = spawn(process.execPath, [binary, "--help"], {
    env: { PATH: process.env.PATH, COLUMNS: "200" },
  });
  let help = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    help += text;
  });
  await once(child, "close");
  const [, list = ""] = /\nCommands:\n([\s\S]*?)\n\n/.exec(help) ?? [];
  return list
    .replaceAll(/\n {10,}/g, " ")
    .split("\n")
    .map((line) => /^ {2}([\w-]+).*? {2,}(\S.*)$/.exec(line)?.slice(1) ?? [])
    .filter(([name]) => name !== undefined && name !== "help");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(await transcript());
