// Runs the battery once, in a process of its own and within a time limit.

import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";

const patienceMs = 60_000;

/** What a process printed, or why it did not get that far. */
function output({ command, args }, folder) {
  return new Promise((resolve, reject) => {
    // Nothing of this environment, so that no option of it changes a verdict.
    const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, NO_COLOR: "1" };
    const options = {
      ...{ cwd: folder, env, maxBuffer: 1 << 28 },
      ...{ timeout: patienceMs, killSignal: "SIGKILL" },
    };
    execFile(command, args(folder), options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const how = error.killed
        ? `no end within ${patienceMs / 1000} s`
        : `ended with ${error.signal ?? error.code}`;
      return reject(new Error(`${how}\n${`${stderr}${stdout}`.slice(-2000)}`.trim()));
    });
  });
}

/** What is wrong with a run's own account of what it is and how it loaded the package. */
function doubts({ how }, { backend, version: wanted }, { version, hmacs, entry }, folder) {
  if (version !== undefined && wanted !== undefined && version !== wanted) {
    return `says that it is ${version}`;
  }
  if (backend === "portable") {
    // A bundle that node:crypto had a part in would not be the default backend.
    return hmacs ? `node:crypto computed ${hmacs} HMACs` : undefined;
  }
  if (!hmacs) return "node:crypto computed no HMAC";
  const file = { ESM: "index.js", CommonJS: "index.cjs" }[how];
  const expected = `${folder}/node_modules/countersign/dist/${file}`;
  return String(entry).replace(/^file:\/\//, "") === expected ? undefined : `loaded ${entry}`;
}

/** @returns What was seen, by the case's name, or the `failure` of the run. */
export async function runOnce(run, column, folder) {
  try {
    const report = JSON.parse(await output(run, folder));
    const failure = doubts(run, column, report, realpathSync(folder));
    const { results, version } = report;
    const seen = new Map(results);
    return { seen, count: results.length, hmacs: report.hmacs, version, failure };
  } catch (error) {
    return { failure: error.message || String(error) };
  }
}
