// What the two engines have in common: one process, at one port, over one temporary directory.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBinary } from "./find-binary.mjs";
import { crash, isAlive } from "./processes.mjs";
import { waitFor } from "./wait-for.mjs";

const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;
const killTimeoutMs = 10_000;

/** What is to be gone when this process is. */
const left = new Set();

function removeLeft() {
  for (const { child, directory } of left) {
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      crash(child.pid);
    }
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A fresh directory in another, which is removed with the engine, or when this process exits. */
export function makeDirectory(name, parent = tmpdir()) {
  if (!process.listeners("exit").includes(removeLeft)) process.on("exit", removeLeft);
  const state = { directory: mkdtempSync(join(parent, `countersign-${name}-`)) };
  left.add(state);
  return state;
}

/** Removes what `makeDirectory` has made. */
export function removeDirectory(state) {
  rmSync(state.directory, { recursive: true, force: true, maxRetries: 5 });
  left.delete(state);
}

/** What the server has said last. */
function tailOf(log) {
  const lines = readFileSync(log, "utf8").trim().split("\n");
  return lines.slice(-20).join("\n");
}

/**
 * Starts a server, and waits until it answers.
 *
 * @param state From `makeDirectory`; the engine owns it from here on.
 * @param command The server and its arguments. It stays in the foreground.
 * @param user `{ uid, gid }` to run it as, if another than this process's.
 * @param isReady Whether the server answers. Throws for no other reason than that it never will.
 * @param orderly The signal that ends it in order.
 * @param crashed The signal that it gets when this process is killed, where the system can do that.
 */
export async function startEngine({
  name,
  state,
  port,
  url,
  command,
  user = {},
  isReady,
  orderly,
  crashed,
}) {
  const log = join(state.directory, "log");
  const setpriv = findBinary("setpriv");
  const [file, ...args] = [
    ...(process.platform === "linux" && setpriv ? [setpriv, "--pdeathsig", crashed] : []),
    ...command,
  ];
  const isRunning = () => state.child?.exitCode === null && state.child.signalCode === null;

  /** @param pids Who has to be gone: the server alone, unless its children are to be waited for. */
  async function gone(how, timeoutMs, pids) {
    await waitFor(
      `that ${name} ends after ${how}`,
      () => !isRunning() && !pids.some((pid) => isAlive(pid)),
      { timeoutMs },
    );
  }

  async function start() {
    const output = openSync(log, "a");
    // A group of its own: an interrupt from the keyboard is for the command that uses it.
    const child = spawn(file, args, {
      ...user,
      cwd: state.directory,
      detached: true,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    child.unref();
    await once(child, "spawn");
    state.child = child;
    try {
      await waitFor(
        `that ${name} answers on port ${port}`,
        async () => {
          if (!isRunning()) throw new Error(`${name} ended instead of answering.`);
          return isReady();
        },
        { timeoutMs: startTimeoutMs },
      );
    } catch (error) {
      const said = tailOf(log);
      await kill();
      throw new Error(`${error.message} It said:\n${said}`, { cause: error });
    }
  }

  async function kill() {
    if (isRunning()) await gone("SIGKILL", killTimeoutMs, crash(state.child.pid));
  }

  async function stop() {
    if (!isRunning()) return;
    state.child.kill(orderly);
    try {
      await gone(orderly, stopTimeoutMs, []);
    } catch (error) {
      await kill();
      throw error;
    }
  }

  async function remove() {
    await stop();
    removeDirectory(state);
  }

  async function restart() {
    if (!left.has(state)) throw new Error(`${name} has been removed.`);
    await stop();
    await start();
  }

  await start();
  return { url, port, stop, kill, restart, remove };
}
