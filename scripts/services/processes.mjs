import { readFileSync } from "node:fs";

/** The children of a process. None where there is no /proc: those of a dead server then end by themselves. */
export function childrenOf(pid) {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return list.split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether a process runs. One that has ended, and that nobody has asked about, does not. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch (error) {
    // Without /proc the answer stands; with it, the process has just ended.
    return process.platform !== "linux" || error.code !== "ENOENT";
  }
}

/** Sends a signal to a process that may have ended. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/** Ends a server and its children at once, as a crash does, and gives back whom to wait for. */
export function crash(pid) {
  // Stopped first, so that it neither starts another child nor tidies up after one.
  signal(pid, "SIGSTOP");
  const all = [pid, ...childrenOf(pid)];
  for (const each of all) signal(each, "SIGKILL");
  return all;
}
