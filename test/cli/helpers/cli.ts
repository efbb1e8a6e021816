import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The built command line, as `bin` names it. */
export const binary = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  /** All of the environment but `PATH`: no secret of a developer's own gets in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

export interface RunningCli {
  /** What it has printed so far, both streams. */
  output(): string;
  /** Waits for a text that matches, and comes after what was matched before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it as Ctrl-C does. */
  interrupt(): Promise<Ended>;
  /** Ends it as a power cut does. */
  kill(): Promise<Ended>;
  /** Waits until it has ended of itself. */
  end(): Promise<Ended>;
}

const patienceMs = 15_000;

export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "countersign-cli-")));
}

function start(args: readonly string[], { cwd, env, input }: CliOptions): ChildProcess {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd: cwd ?? tmpdir(),
    env: { PATH: process.env.PATH, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  if (input !== undefined) child.stdin?.end(input);
  return child;
}

/** Runs a command to its end. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  const child = start(args, options);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  return { code, ...texts };
}

/** Runs a command that prints JSON, and reads its lines. */
export async function cliJson(
  args: readonly string[],
  options: CliOptions = {},
): Promise<{ code: number | null; lines: readonly Record<string, unknown>[]; stderr: string }> {
  const { code, stdout, stderr } = await cli([...args, "--json"], options);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { code, lines: lines.map((line) => JSON.parse(line)), stderr };
}

/** Starts a command that runs until it is interrupted. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const child = start(args, options);
  const texts = { stdout: "", stderr: "" };
  let [output, seen] = ["", 0];
  let ended = false;
  const watchers = new Set<() => void>();
  const notify = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      output += text;
      notify();
    });
  }
  const exit = once(child, "close").then(([code]) => {
    ended = true;
    notify();
    return code as number | null;
  });
  return {
    output: () => output,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          watchers.delete(look);
          clearTimeout(timer);
          finish();
        };
        const fail = (reason: string) => () =>
          reject(new Error(`${reason} before ${pattern}:\n${output}`));
        const look = (): void => {
          const match = pattern.exec(output.slice(seen));
          if (match !== null) {
            seen += match.index + match[0].length;
            settle(() => resolve(match));
          } else if (ended) {
            settle(fail("it ended"));
          }
        };
        const timer = setTimeout(() => settle(fail("time ran out")), patienceMs);
        watchers.add(look);
        look();
      }),
    interrupt: async () => {
      child.kill("SIGINT");
      return { code: await exit, ...texts };
    },
    kill: async () => {
      child.kill("SIGKILL");
      return { code: await exit, ...texts };
    },
    end: async () => ({ code: await exit, ...texts }),
  };
}

const started: RunningCli[] = [];

/** Starts `listen` on a free port, and waits for its address. */
export async function startListen(
  args: readonly string[],
  options: CliOptions = {},
): Promise<RunningCli & { readonly url: string }> {
  const running = startCli(["listen", "--port", "0", ...args], options);
  started.push(running);
  const [, url = ""] = await running.until(/(http:\/\/127\.0\.0\.1:\d+)[^\n]*\n/);
  return { ...running, url };
}

/** Ends every `listen` that a failed test has left behind. */
export async function endAll(): Promise<void> {
  await Promise.all(started.splice(0).map((running) => running.interrupt()));
}
