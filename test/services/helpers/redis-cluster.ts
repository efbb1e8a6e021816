import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { type Engine, startRedis } from "./services.js";

const slots = 16_384;
const settleTimeoutMs = 30_000;

/** One of the nodes, without a client that would follow redirections. */
export interface ClusterNode {
  readonly engine: Engine;
  readonly control: Redis;
  readonly id: string;
}

/** A cluster of the tests' own: three masters, a third of the slots each. */
export interface RedisCluster {
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  /** The node that holds a key now. */
  ownerOf(key: string): Promise<ClusterNode>;
  /** Moves the slot of a key, with everything in it, to another node. */
  moveSlotOf(key: string, to: ClusterNode): Promise<void>;
  remove(): Promise<void>;
}

async function startNode(triesLeft = 3): Promise<ClusterNode> {
  try {
    const engine = await startRedis({
      args: ["--cluster-enabled", "yes", "--cluster-node-timeout", "5000"],
    });
    const control = new Redis(engine.url);
    return { engine, control, id: (await control.cluster("MYID")) as string };
  } catch (error) {
    // The port for the other nodes, 10,000 above, may be taken.
    if (triesLeft === 0) throw error;
    return startNode(triesLeft - 1);
  }
}

async function settled(nodes: readonly ClusterNode[]): Promise<void> {
  const end = performance.now() + settleTimeoutMs;
  for (;;) {
    const infos = await Promise.all(nodes.map(({ control }) => control.cluster("INFO")));
    const isReady = (info: unknown): boolean =>
      /cluster_state:ok/.test(String(info)) &&
      String(info).includes(`cluster_known_nodes:${nodes.length}`);
    if (infos.every(isReady)) return;
    if (performance.now() > end) throw new Error(`The cluster does not come up:\n${infos[0]}`);
    await sleep(50);
  }
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all([startNode(), startNode(), startNode()]);
  const [first] = nodes;
  for (const [index, { control }] of nodes.entries()) {
    const from = Math.ceil((slots * index) / nodes.length);
    const below = Math.ceil((slots * (index + 1)) / nodes.length);
    await control.cluster("SET-CONFIG-EPOCH", index + 1);
    await control.cluster(
      "ADDSLOTS",
      ...Array.from({ length: below - from }, (_, offset) => from + offset),
    );
    if (index > 0) await first.control.cluster("MEET", "127.0.0.1", nodes[index]?.engine.port ?? 0);
  }
  await settled(nodes);

  const slotOf = (key: string): Promise<number> => first.control.cluster("KEYSLOT", key);
  const ownerOf = async (key: string): Promise<ClusterNode> => {
    const slot = await slotOf(key);
    const ranges = await first.control.cluster("SLOTS");
    const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1];
    const owner = nodes.find(({ engine }) => engine.port === port);
    if (owner === undefined) throw new Error(`Nobody has slot ${slot}.`);
    return owner;
  };
  return {
    url: first.engine.url,
    nodes,
    ownerOf,
    moveSlotOf: async (key, to) => {
      const slot = await slotOf(key);
      const from = await ownerOf(key);
      await to.control.cluster("SETSLOT", slot, "IMPORTING", from.id);
      await from.control.cluster("SETSLOT", slot, "MIGRATING", to.id);
      const keys = (await from.control.cluster("GETKEYSINSLOT", slot, 1000)) as string[];
      await from.control.migrate("127.0.0.1", to.engine.port, "", 0, 5000, "KEYS", ...keys);
      for (const { control } of [to, from, ...nodes]) {
        await control.cluster("SETSLOT", slot, "NODE", to.id);
      }
    },
    remove: async () => {
      for (const { control, engine } of nodes) {
        control.disconnect();
        await engine.remove();
      }
    },
  };
}
