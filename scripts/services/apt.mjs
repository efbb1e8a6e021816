import { spawnSync } from "node:child_process";

const timeoutMinutes = 10;

// Nothing that is installed here may start as a service of the system: the policy forbids it for as long as this runs.
// A policy that is there already is left alone.
const prologue = `set -eu
export DEBIAN_FRONTEND=noninteractive
undo=true
trap 'eval "$undo"' EXIT
trap 'exit 130' HUP INT TERM
# One at a time, or the first to end would undo what the second relies on.
exec 9</var/lib/apt
flock -w 300 9
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  undo="rm -f $policy"
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
install() {
  apt-get -o DPkg::Lock::Timeout=120 install -q -y --no-install-recommends "$@"
}
# Nothing waits for the lock of the lists. When they stay old, installing may still do, and says so if not.
for _ in 1 2 3 4 5; do
  if apt-get update -q; then break; fi
  sleep 3
done
`;

const succeeds = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/**
 * Installs packages of the system, as root or with `sudo` that asks for no password.
 *
 * @param what For the errors: what is missing.
 * @param steps Lines of sh, which call `install PACKAGE…`, and may add to `undo`.
 */
export function aptInstall(what, steps) {
  const isRoot = process.getuid?.() === 0;
  if (!succeeds("apt-get", "--version") || !(isRoot || succeeds("sudo", "-n", "true"))) {
    throw new Error(
      `${what} is missing, and cannot be installed here: that takes apt-get, and root or sudo without a password. Install it, and run this again.`,
    );
  }
  process.stderr.write(`${what} is missing: apt-get installs it …\n`);
  const command = [...(isRoot ? [] : ["sudo", "-n"]), "sh", "-c", prologue + steps];
  const { status, error, stdout, stderr } = spawnSync(command[0], command.slice(1), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMinutes * 60_000,
  });
  if (status === 0) return;
  const log = `${stdout}${stderr}`.trim().split("\n").slice(-30).join("\n");
  const why = error?.code === "ETIMEDOUT" ? `took over ${timeoutMinutes} minutes` : "failed";
  throw new Error(`${what} is missing, and apt-get, which should install it, ${why}:\n${log}`);
}
