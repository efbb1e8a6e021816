import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../services/free-port.mjs";
import { seeded } from "../storm/random.mjs";
import { historyEvents } from "../vendor-api/server.mjs";
import { startApi } from "./api.mjs";
import { startChild } from "./child.mjs";
import { openDatabase } from "./database.mjs";
import { judge, within } from "./judge.mjs";
import { openSender } from "./sender.mjs";

const atOnce = 12;
/** Most senders' events that get no answer are not sent again. */
const retriedShare = 0.1;

/** Kills a receiver under traffic, starts it again a third of the events later, and has it catch up beside the rest. */
export async function runOutage({ seed, events: count, wrong }) {
  const random = seeded(seed);
  const events = historyEvents(count, { seed });
  const third = Math.floor(count / 3);
  let happened = 0;
  let isLive = false;
  const sends = [];
  const port = await freePort();
  const sender = openSender({ port, atOnce });

  /** It is in the history, and on its way. */
  const happen = () => {
    const event = events[happened];
    happened += 1;
    api.push(event);
    return sender.send(event);
  };
  const api = await startApi({
    seed,
    count,
    events: [],
    // Just as a page is made, so that it is the last thing that the page can hold.
    onCall: () => {
      if (isLive && happened < count) sends.push(happen());
    },
  });
  const database = await openDatabase();
  const settings = { port, databaseUrl: database.url, apiUrl: api.url, wrong };
  const start = async (more) => {
    server = startChild("server.mjs", { settings: { ...settings, ...more } });
    await server.until("listening");
  };
  let server;

  const run = async () => {
    await start();
    while (happened < third) await happen();
    // Others are under way.
    const dead = server.kill();
    while (happened < 2 * third) await happen();
    await dead;
    const known = events.findIndex(({ id }) => !sender.acknowledged.has(id));
    const lost = events.slice(0, happened).filter(({ id }) => !sender.acknowledged.has(id));
    if (lost.length < third) throw new Error(`${lost.length} lost events are no third.`);

    await start({ catchesUp: true, after: events[known - 1]?.id });
    isLive = true;
    const caughtUp = server.until("caught up");
    let beside = 0;
    caughtUp.then(
      () => {
        beside = happened - 2 * third;
      },
      () => undefined,
    );
    const again = lost.filter(() => random() < retriedShare);
    while (happened < count) {
      await happen();
      if (again.length > 0 && random() < 0.2) await sender.send(again.pop());
      await wait(3 * random());
    }
    await Promise.all(sends);
    await sender.end();
    const first = await caughtUp;
    if (beside === 0) throw new Error("There was no traffic beside the catch-up.");
    const results = [first.result];
    // As a job that runs every few minutes would, until nothing has failed; the first finds the end of the history.
    do {
      server.tell("once more");
      results.push((await server.until("caught up", results.length + 1)).result);
    } while (results.at(-1).failed > 0);
    const duplicates = results.reduce((sum, each) => sum + each.duplicates, 0);
    return { result: results.at(-1), duplicates };
  };

  try {
    const figures = await within(run());
    const seen = { ...api.figures(), kills: 1, ...(await database.effects()) };
    return judge({ events, ...figures, ...seen });
  } finally {
    await server?.kill();
    await sender.end();
    await database.remove();
    await api.close();
  }
}
