import cluster from "node:cluster";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Workers behind one port: whichever is killed, another takes its place. */
export async function startFleet({ size, settings, ledger }) {
  cluster.setupPrimary({ exec: fileURLToPath(new URL("worker.mjs", import.meta.url)) });
  const alive = new Set();
  let started = 0;
  let stopping = false;

  const onMessage = (worker, { question, what, id, ...facts }) => {
    // What a worker said before it was killed still counts; what it was doing does not go on.
    if (what === "effect") ledger.effect(id);
    else if (what === "complete") ledger.complete(id);
    else if (what === "end") ledger.end(worker, id);
    else if (alive.has(worker)) ledger.start(worker, { id, ...facts });
    if (question !== undefined && alive.has(worker)) worker.send(question, () => undefined);
  };

  const add = async () => {
    started += 1;
    const worker = cluster.fork({ STORM: JSON.stringify({ ...settings, number: started }) });
    worker.on("error", () => undefined);
    worker.on("message", (message) => onMessage(worker, message));
    worker.on("exit", (code, signal) => {
      ledger.killed(worker);
      if (stopping) return;
      if (alive.delete(worker) || signal !== "SIGKILL") {
        console.error(`A worker ended by itself: ${code ?? signal}.`);
        process.exit(1);
      }
      add();
    });
    await once(worker, "listening");
    alive.add(worker);
  };
  await Promise.all(Array.from({ length: size }, add));

  return {
    /** Kills one, if there is one to kill. */
    kill(random) {
      const list = [...alive];
      const worker = list[Math.floor(random() * list.length)];
      if (worker === undefined) return false;
      alive.delete(worker);
      worker.process.kill("SIGKILL");
      ledger.killed(worker);
      return true;
    },
    async stop() {
      stopping = true;
      await Promise.all(
        [...alive].map((worker) => {
          const gone = once(worker, "exit");
          alive.delete(worker);
          worker.process.kill("SIGKILL");
          return gone;
        }),
      );
    },
  };
}
