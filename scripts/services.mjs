// Runs a command beside a Redis and a PostgreSQL of its own, which it finds in its environment:
//
//   node scripts/services.mjs COMMAND ARGS…
//
// Both are installed when they are missing, and gone when the command has ended. Exits as the command does, and with 69
// when the two could not be started.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { startPostgres } from "./services/postgres.mjs";
import { startRedis } from "./services/redis.mjs";

const unavailable = 69;
const forwarded = ["SIGHUP", "SIGINT", "SIGTERM"];
const bin = fileURLToPath(new URL("../node_modules/.bin", import.meta.url));

const exitCodeOf = (code, signal) => code ?? 128 + constants.signals[signal];

let command;
for (const name of forwarded) {
  process.on(name, () => {
    // While the engines start there is no command yet; what has started by then goes with this process.
    if (!command) process.exit(exitCodeOf(null, name));
    // An interrupt from the keyboard reaches the command by itself, and many take the second for “without delay”.
    if (name !== "SIGINT" || !process.stdin.isTTY) command.kill(name);
  });
}

async function start() {
  // One after the other: both may have to be installed.
  const redis = await startRedis();
  const postgres = await startPostgres();
  return [redis, postgres];
}

async function runBeside([redis, postgres], file, args) {
  command = spawn(file, args, {
    stdio: "inherit",
    env: {
      ...process.env,
      PATH: `${process.env.PATH ?? ""}${delimiter}${bin}`,
      COUNTERSIGN_REDIS_URL: redis.url,
      COUNTERSIGN_POSTGRES_URL: postgres.url,
    },
  });
  try {
    return exitCodeOf(...(await once(command, "exit")));
  } catch (error) {
    console.error(`${file} could not be run: ${error.message}`);
    return 127;
  }
}

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("Usage: node scripts/services.mjs COMMAND ARGS…");
  process.exit(2);
}

let engines;
try {
  engines = await start();
} catch (error) {
  console.error(`Redis and PostgreSQL could not be started. ${error.message}`);
  process.exit(unavailable);
}
const status = await runBeside(engines, file, args);
for (const engine of engines) {
  // The command's status is what counts; whatever still runs is killed on the way out.
  await engine.remove().catch((error) => console.error(error.message));
}
process.exit(status);
