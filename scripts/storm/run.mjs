import { setTimeout as wait } from "node:timers/promises";
import { postgresStore } from "countersign/stores/postgres";
import pg from "pg";
import { freePort } from "../services/free-port.mjs";
import { startPostgres } from "../services/postgres.mjs";
import { startRedis } from "../services/redis.mjs";
import { startFleet } from "./fleet.mjs";
import { createLedger } from "./ledger.mjs";
import { modes } from "./modes.mjs";
import { seeded } from "./random.mjs";
import { makeMessages, sendAll } from "./sender.mjs";

const none = async () => undefined;
const engines = {
  redis: startRedis,
  postgres: startPostgres,
  none: async () => ({ kill: none, stop: none, restart: none, remove: none }),
};
// A dead worker's messages are free again before the third retry.
const speed = 300;
const leaseMs = 4000;
const deadlineMs = 2000;

async function query(url, text) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function prepare(url) {
  const pool = new pg.Pool({ connectionString: url });
  await postgresStore(pool).migrate();
  // No key: what is there twice is to be seen twice.
  await pool.query("create table effects (id text not null)");
  await pool.end();
}

/** Numbers of deliveries after which something happens, spread over all of them. */
function moments(count, deliveries, random) {
  const share = deliveries / (count + 1);
  return Array.from({ length: count }, (_, index) => Math.floor(share * (index + 0.5 + random())));
}

/** Runs one storm, and says what came of it. */
export async function runStorm({
  name,
  seed,
  deliveries,
  messages: count,
  workers,
  kills,
  restarts,
}) {
  const mode = modes[name];
  const random = seeded(seed);
  const began = Date.now();
  const engine = await engines[mode.engine]();
  if (mode.engine === "postgres") await prepare(engine.url);
  const ledger = createLedger();
  const port = await freePort();
  const settings = { mode: name, url: engine.url, port, leaseMs, deadlineMs };
  const fleet = await startFleet({ size: workers, settings, ledger });

  const messages = makeMessages(count, random);
  const killAt = new Set(moments(kills, deliveries, random));
  const restartAt = new Set(moments(restarts, deliveries, random));
  const counts = { kills: 0, restarts: 0 };
  const events = [];
  const kill = async () => {
    while (!fleet.kill(random)) await wait(10);
    counts.kills += 1;
  };
  let restarted = Promise.resolve();
  const restart = async () => {
    await (random() < 0.5 ? engine.kill() : engine.stop());
    await wait(500 * random());
    await engine.restart();
    counts.restarts += 1;
  };

  try {
    const { statuses, givenUp } = await sendAll({
      ...{ port, messages, deliveries, speed, random, ledger },
      onProgress: (sent) => {
        if (killAt.has(sent)) events.push(kill());
        if (restartAt.has(sent)) {
          restarted = restarted.then(restart);
          events.push(restarted);
        }
      },
    });
    await Promise.all(events);
    // What was said last is on its way.
    await wait(500);
    if (mode.exactly) {
      for (const { id, times } of await query(
        engine.url,
        "select id, count(*)::int as times from effects group by id",
      )) {
        ledger.effects.set(id, times);
      }
    }
    if (counts.kills !== kills || counts.restarts !== restarts) {
      throw new Error(`${counts.kills} kills and ${counts.restarts} restarts are not the plan.`);
    }
    return judge({
      mode,
      messages,
      ledger,
      statuses,
      givenUp,
      counts,
      seconds: (Date.now() - began) / 1000,
    });
  } finally {
    await fleet.stop();
    await engine.remove();
  }
}

/** In order, only the newest message about a subject has to have had its effect. */
function judge({ mode, messages, ledger, statuses, givenUp, counts, seconds }) {
  const newest = new Map(messages.map((message) => [message.subject, message.id]));
  const needed = mode.order ? new Set(newest.values()) : new Set(messages.map(({ id }) => id));
  const lost = [...needed].filter((id) => !ledger.effects.has(id));
  const again = [...ledger.effects.values()].filter((times) => times > 1).length;
  const { concurrent, afterCompletion, overtaken } = ledger.wrong;
  return {
    ...counts,
    seconds,
    statuses,
    givenUp: givenUp.length,
    effects: ledger.effects.size,
    lost: lost.length,
    again,
    concurrent: concurrent.length,
    afterCompletion: afterCompletion.length,
    overtaken: mode.order ? overtaken.length : 0,
    passed:
      lost.length === 0 &&
      !(mode.exactly && again > 0) &&
      concurrent.length === 0 &&
      afterCompletion.length === 0 &&
      !(mode.order && overtaken.length > 0),
  };
}
