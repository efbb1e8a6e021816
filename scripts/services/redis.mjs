import { once } from "node:events";
import { connect } from "node:net";
import { aptInstall } from "./apt.mjs";
import { makeDirectory, removeDirectory, startEngine } from "./engine.mjs";
import { findBinary } from "./find-binary.mjs";
import { freePort } from "./free-port.mjs";

// The package would start it at the next boot.
const steps = `install redis-server
update-rc.d redis-server disable
`;

function findOrInstall() {
  const find = () => findBinary("redis-server");
  const found = find();
  if (found) return found;
  aptInstall("redis-server", steps);
  const installed = find();
  if (!installed) throw new Error("redis-server has been installed, and is not in PATH.");
  return installed;
}

/** Whether it answers, and is not still loading what it has kept. */
async function answers(port) {
  const socket = connect({ host: "127.0.0.1", port, timeout: 1000 });
  socket.on("timeout", () => socket.destroy(new Error("timeout")));
  try {
    await once(socket, "connect");
    socket.write("PING\r\n");
    const [reply] = await once(socket, "data");
    return reply.toString() === "+PONG\r\n";
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Starts a Redis of its own on 127.0.0.1, which keeps every write before it answers. Installs it when it is missing.
 *
 * @param options `args`: more arguments for `redis-server`.
 * @returns `url` and `port`; `stop()` in order; `kill()` at once; `restart()` at the same port with the same data;
 *   `remove()` stops it and deletes the data. Each resolves when it is done.
 */
export async function startRedis({ args = [] } = {}) {
  const binary = findOrInstall();
  const port = await freePort();
  const state = makeDirectory("redis");
  try {
    return await startEngine({
      name: "Redis",
      state,
      port,
      url: `redis://127.0.0.1:${port}`,
      command: [
        binary,
        ...["--bind", "127.0.0.1", "--port", String(port), "--dir", state.directory],
        ...["--daemonize", "no", "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
        ...args,
      ],
      isReady: () => answers(port),
      orderly: "SIGTERM",
      crashed: "KILL",
    });
  } catch (error) {
    removeDirectory(state);
    throw error;
  }
}
