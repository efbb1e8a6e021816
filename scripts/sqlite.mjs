// Runs the tests of the SQLite store in every pinned Node that has node:sqlite. The lowest that countersign supports has none.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { cache, others, packages } from "./runtimes/catalogue.mjs";
import { installRuntimes } from "./runtimes/install.mjs";

const tests = fileURLToPath(new URL("../test/sqlite/sqlite.test.mjs", import.meta.url));

const missing = await installRuntimes();
if (missing !== undefined) {
  console.error(missing);
  process.exit(1);
}
const nodes = Object.entries({ ...others, ...packages }).filter(([name]) =>
  /^node2[2-9]/.test(name),
);
for (const [name, [, version]] of nodes) {
  const binary = `${cache}node_modules/${name}/bin/node`;
  const { status, signal, error, stdout } = spawnSync(
    binary,
    ["--disable-warning=ExperimentalWarning", "--test", "--test-reporter=tap", tests],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], timeout: 300_000 },
  );
  const count = (what) =>
    /^\d+$/.exec(new RegExp(`^# ${what} (\\d+)$`, "m").exec(stdout)?.[1] ?? "");
  const [passed, failed] = [Number(count("pass")), Number(count("fail"))];
  console.log(`Node ${version}: ${passed} passed, ${failed} failed`);
  if (status !== 0 || passed === 0) {
    console.error(`${stdout}ended with ${error?.message ?? signal ?? status}`);
    process.exitCode = 1;
  }
}
