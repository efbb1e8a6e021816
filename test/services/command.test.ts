import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";

// `node scripts/services.mjs COMMAND ARGS…`, as .ci/run and `npm run test:services` have it.

const root = fileURLToPath(new URL("../..", import.meta.url));
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill();
  running.clear();
});

/** Starts the command beside the engines, and waits until it has printed their addresses. */
async function beside(...command: string[]) {
  const child = spawn(process.execPath, ["scripts/services.mjs", ...command], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  const ended = once(child, "exit") as Promise<[number | null, string | null]>;
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (printed.includes("\n")) break;
  }
  const urls = printed.split(" ");
  return { child, ended, urls, ports: urls.map((url) => Number(new URL(url).port)) };
}

const printUrls =
  "console.log(process.env.COUNTERSIGN_REDIS_URL + ' ' + process.env.COUNTERSIGN_POSTGRES_URL);";
/** Where the two keep their data. */
async function directoriesOf([redisUrl = "", postgresUrl = ""]: readonly string[]) {
  const redis = new Redis(redisUrl);
  const [, ofRedis = ""] = (await redis.config("GET", "dir")) as string[];
  await redis.quit();
  const postgres = new pg.Client({ connectionString: postgresUrl });
  await postgres.connect();
  const { rows } = await postgres.query("show data_directory");
  await postgres.end();
  return [ofRedis, dirname(rows[0].data_directory)];
}

const isListening = async (port: number) => {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};
const listening = (ports: readonly number[]) => Promise.all(ports.map(isListening));

describe("a command beside the services", () => {
  it("has both, gives them its status, and they are gone after it, with their data", async () => {
    const { ended, urls, ports } = await beside(
      process.execPath,
      "--eval",
      `${printUrls} setTimeout(() => process.exit(7), 1000);`,
    );
    expect(await listening(ports)).toEqual([true, true]);
    const directories = await directoriesOf(urls);
    expect(directories.filter((directory) => existsSync(directory))).toHaveLength(2);

    expect(await ended).toEqual([7, null]);
    expect(await listening(ports)).toEqual([false, false]);
    expect(directories.filter((directory) => existsSync(directory))).toEqual([]);
  });

  it("gets the signal that its parent gets, and ends in its own way", async () => {
    const { child, ended, ports } = await beside(
      process.execPath,
      "--eval",
      `process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1000); ${printUrls}`,
    );

    child.kill("SIGTERM");

    expect(await ended).toEqual([9, null]);
    expect(await listening(ports)).toEqual([false, false]);
  });

  // Elsewhere no process hears of its parent's death.
  it.runIf(existsSync("/usr/bin/setpriv"))(
    "leaves no server behind when it is killed with its parent",
    async () => {
      const { child, ended, urls, ports } = await beside(
        process.execPath,
        "--eval",
        `${printUrls} setTimeout(() => {}, 1000);`,
      );

      const directories = await directoriesOf(urls);
      child.kill("SIGKILL");

      expect(await ended).toEqual([null, "SIGKILL"]);
      await expect.poll(() => listening(ports), { timeout: 10_000 }).toEqual([false, false]);
      // Nobody is left to do it.
      for (const directory of directories) rmSync(directory, { recursive: true });
    },
  );
});
