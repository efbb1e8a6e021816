// Runs a measuring script in a process of its own, which prints JSON.

import { execFile } from "node:child_process";

const patienceMs = 900_000;

export function runChild(command, args, folder) {
  return new Promise((resolve, reject) => {
    // Nothing of this environment, so that no option of it changes a figure.
    const env = { PATH: process.env.PATH, HOME: folder, NO_COLOR: "1", NODE_ENV: "production" };
    const options = { cwd: folder, env, maxBuffer: 1 << 28, timeout: patienceMs };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout));
      else reject(new Error(`${args.join(" ")}: ${`${stderr}${stdout}`.slice(-1500).trim()}`));
    });
  });
}
