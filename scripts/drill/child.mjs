import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Starts one of the drill's processes, and hears what it says.
 *
 * @param settings What `begin()` there gives back.
 * @param onMessage Gets every message.
 */
export function startChild(
  file,
  { settings, args = [], env = {}, isQuiet = false },
  onMessage = () => undefined,
) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { ...process.env, ...env, DRILL: JSON.stringify(settings ?? {}) },
    stdio: ["ignore", isQuiet ? "ignore" : "inherit", "inherit", "ipc"],
  });
  // One that has no part in the drill, the command, would go on without it.
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  const watchers = new Set();
  const said = [];
  let ended;
  const exit = new Promise((resolve) => {
    // When everything that it has said has been heard.
    child.on("close", (code, signal) => {
      ended = code ?? signal;
      process.off("exit", end);
      for (const watcher of watchers) watcher();
      resolve(ended);
    });
  });
  child.on("error", () => undefined);
  child.on("message", (message) => {
    if ("what" in message) said.push(message);
    onMessage(message);
    for (const watcher of watchers) watcher();
  });
  return {
    exit,
    /** Waits until it says something for the first time, or the `times`th; fails when it ends before that. */
    until: (what, times = 1) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = said.filter((message) => message.what === what)[times - 1];
          if (found === undefined && ended === undefined) return;
          watchers.delete(look);
          if (found) resolve(found);
          else reject(new Error(`${file} ended (${ended}) before it was ${what}.`));
        };
        watchers.add(look);
        look();
      }),
    tell: (message) => child.send(message, () => undefined),
    kill() {
      end();
      return exit;
    },
  };
}

/** What a process of the drill has been started with; it goes when the drill does. */
export function begin() {
  process.on("disconnect", () => process.exit(1));
  return JSON.parse(process.env.DRILL);
}
