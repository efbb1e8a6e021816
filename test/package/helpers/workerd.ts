import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { type Running, run } from "../../helpers/running.js";

// The binary itself: where install scripts do not run, the command is a wrapper that keeps signals and ports to itself.
const { default: workerd } = createRequire(import.meta.url)("workerd") as { default: string };

/** Bundles a Worker as a user's tools would, without this repository's own tsconfig. */
async function bundle(root: string, entry: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    tsconfigRaw: {},
    logLevel: "error",
  });
}

function config(env: Readonly<Record<string, string>>): string {
  const bindings = Object.entries(env)
    .map(([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`)
    .join(", ");
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-07-01",
  bindings = [${bindings}]
);
`;
}

/** Runs a Worker in workerd, the runtime of Cloudflare Workers. */
export async function startWorker(options: {
  readonly root: string;
  readonly entry: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<{ readonly running: Running; readonly url: string }> {
  const { root, entry, folder, env } = options;
  await bundle(root, entry, join(folder, "worker.mjs"));
  await writeFile(join(folder, "config.capnp"), config(env));
  const running = run(workerd, ["serve", join(folder, "config.capnp"), "--control-fd=3"], {
    cwd: folder,
  });
  const [, port] = await running.until(/"socket":"http","port":(\d+)/);
  return { running, url: `http://127.0.0.1:${port}` };
}
