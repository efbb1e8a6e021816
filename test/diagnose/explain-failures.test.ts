import { createServer, type RequestListener } from "node:http";
import express from "express";
import { describe, expect, it } from "vitest";
import { toExpressHandler } from "../../src/adapters/express.js";
import type { Delivery } from "../../src/delivery.js";
import { type ExplainFailuresOptions, explainFailures } from "../../src/diagnose.js";
import { createReceiver } from "../../src/receiver.js";
import { listen } from "../helpers/listen.js";
import { post } from "../helpers/post.js";
import { mac } from "../helpers/sign.js";
import { specDelivery, specProvider, specSecret } from "../helpers/spec-provider.js";

const text = '{ "type": "created", "id": "1", "name": "Nives Ałtamira" }';
const genuine = specDelivery(text);
const rewritten: Delivery = { ...genuine, body: JSON.stringify(JSON.parse(text)) };
const forged: Delivery = { ...genuine, body: text.replace("Nives", "Nemo") };

/** A receiver that explains, the lines that it logs, and a wait for them. */
function explaining(options: ExplainFailuresOptions = {}, extra: { now?: () => number } = {}) {
  const lines: string[] = [];
  const work: Promise<void>[] = [];
  const observe = explainFailures((line) => lines.push(line), options);
  const receiver = createReceiver(specProvider(), {
    ...extra,
    onOutcome: (outcome, context) => {
      work.push(observe(outcome, context));
    },
  });
  return { receiver, lines, done: () => Promise.all(work) };
}

describe("explainFailures", () => {
  it("says in one line each what is wrong and what to change", async () => {
    const { receiver, lines, done } = explaining();
    const outcome = await receiver.receive(rewritten);
    expect(lines).toEqual([]);
    await done();
    expect(outcome.status).toBe(401);
    expect(lines).toEqual([
      expect.stringMatching(
        /^countersign: spec: signature_mismatch: body_reserialized: .+ Express: /,
      ),
    ]);
  });

  it("says nothing of what is accepted, ignored or fails later", async () => {
    const { receiver, lines, done } = explaining();
    await receiver.receive(genuine);
    await receiver.receive(specDelivery("{}"));
    await receiver.receive(specDelivery("no JSON"));
    await done();
    expect(lines).toEqual([]);
  });

  it("says that a forgery cannot be explained", async () => {
    const { receiver, lines, done } = explaining();
    await receiver.receive(forged);
    await done();
    expect(lines).toEqual([expect.stringContaining("signature_mismatch: unexplained: ")]);
  });

  it("tells of a parser above the route, in a real server", async () => {
    const { receiver, lines, done } = explaining();
    const app = express();
    app.use(express.json());
    app.post("/hook", toExpressHandler(receiver));
    const server = await listen(createServer(app as RequestListener));
    const headers = { "content-type": "application/json", ...genuine.headers };
    expect((await post(`${server.url}/hook`, headers, text)).status).toBe(500);
    await done();
    await server.close();
    expect(lines).toEqual([
      expect.stringMatching(
        /body_already_parsed: body_reserialized: .*app\.use\(express\.json\(\)\)/,
      ),
    ]);
  });

  it("tells of a header that came twice", async () => {
    const { receiver, lines, done } = explaining();
    const value = genuine.headers["x-signature"];
    await receiver.receive({ ...genuine, headers: { "x-signature": [value, value] } });
    await done();
    expect(lines).toEqual([expect.stringContaining("header_duplicated: header_duplicated: ")]);
  });

  it("takes other secrets and providers", async () => {
    const options = { secrets: [{ value: "the-sandbox-s-secret", label: "sandbox" }] };
    const { receiver, lines, done } = explaining(options);
    await receiver.receive({
      headers: { "x-signature": mac("the-sandbox-s-secret", "hex", text) },
      body: text,
    });
    await done();
    expect(lines).toEqual([
      expect.stringContaining(
        "secret_other: The delivery was signed with another secret: the one labelled sandbox.",
      ),
    ]);
  });

  it("looks at one failure at a time, and at ten in a minute", async () => {
    let time = 1_700_000_000_000;
    const { receiver, lines, done } = explaining({}, { now: () => time });
    await Promise.all(Array.from({ length: 5 }, () => receiver.receive(forged)));
    await done();
    expect(lines.length).toBe(1);
    for (let count = 0; count < 20; count += 1) {
      await receiver.receive(forged);
      await done();
    }
    expect(lines.filter((line) => line.includes("unexplained")).length).toBe(10);
    time += 60_000;
    await receiver.receive(forged);
    await done();
    expect(lines.slice(-2)).toEqual([
      "countersign: 11 failures before this one were not looked at.",
      expect.stringContaining("unexplained"),
    ]);
    expect(lines[1]).toBe("countersign: 4 failures before this one were not looked at.");
  });

  it("looks at as many as it is told, and at no large body", async () => {
    const { receiver, lines, done } = explaining({ perMinute: 1, maxBodyBytes: 10 });
    await receiver.receive(forged);
    await done();
    await receiver.receive(forged);
    await done();
    expect(lines).toEqual([
      expect.stringContaining("not looked at: the body has more than 10 bytes"),
    ]);
  });

  it("changes nothing when the log throws", async () => {
    const observe = explainFailures(() => {
      throw new Error("no log today");
    });
    const receiver = createReceiver(specProvider(), { onOutcome: observe });
    const outcome = await receiver.receive(forged);
    expect(outcome.status).toBe(401);
    // And goes on.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await receiver.receive(genuine)).status).toBe(200);
  });

  it("answers before it looks", async () => {
    const order: string[] = [];
    const { receiver, done } = explaining();
    const seen = receiver.receive(rewritten).then(() => order.push("answered"));
    await seen;
    await done();
    order.push("explained");
    expect(order).toEqual(["answered", "explained"]);
    expect(specSecret.length).toBeGreaterThan(0);
  });
});
