import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A process whose output is collected. */
export interface Running {
  /** Everything printed so far, both streams. */
  output(): string;
  /** Waits until the output matches; fails when the process ends first, or when it takes too long. */
  until(pattern: RegExp, patienceMs?: number): Promise<RegExpExecArray>;
  stop(): Promise<void>;
  /** At once, as a crash does. */
  kill(): Promise<void>;
}

const usualPatienceMs = 20_000;

/** Starts a process. Its environment is only what is given, so that no secret of a developer's own gets in. */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd: string },
): Running {
  const child: ChildProcess = spawn(command, args, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH, ...options.env },
    // The fourth is the one on which workerd reports its port.
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  let output = "";
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of watchers) watcher();
  };
  for (const stream of [child.stdout, child.stderr, child.stdio[3]]) {
    if (!stream || !("setEncoding" in stream)) continue;
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      notify();
    });
  }
  let ended = false;
  const exit = once(child, "close").then(() => {
    ended = true;
    notify();
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exit;
  };
  return {
    output: () => output,
    until: (pattern, patienceMs = usualPatienceMs) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          watchers.delete(look);
          clearTimeout(timer);
          finish();
        };
        const fail = (reason: string): void =>
          settle(() => reject(new Error(`${reason} before ${pattern}:\n${output}`)));
        const look = (): void => {
          const match = pattern.exec(output);
          if (match !== null) settle(() => resolve(match));
          else if (ended) fail("the process ended");
        };
        const timer = setTimeout(() => fail("time ran out"), patienceMs);
        watchers.add(look);
        look();
      }),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}
