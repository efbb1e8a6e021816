import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Outcome } from "../../src/outcome.js";
import type { Provider } from "../../src/provider.js";
import { cr3dentials } from "../../src/providers/cr3dentials.js";
import { dataspike } from "../../src/providers/dataspike.js";
import { screver } from "../../src/providers/screver.js";
import { validas } from "../../src/providers/validas.js";
import { vove } from "../../src/providers/vove.js";
import { createReceiver, type Receiver } from "../../src/receiver.js";
import { memoryStore } from "../../src/stores/memory.js";
import { type Answer, post } from "../helpers/post.js";
import { adapters, type RunningServer } from "../helpers/servers.js";
import { mac, stamp, svixHeaders } from "../helpers/sign.js";

/** How the tests sign for a provider, with node:crypto alone. */
interface Sender {
  readonly provider: Provider;
  /** Headers of a genuine delivery. */
  readonly sign: (body: string, id: string, timestamp: number) => Record<string, string>;
  /** A known event; `n` makes it another message. */
  readonly event: (n: number) => string;
  readonly type: string;
  readonly unknown: string;
  readonly invalid: string;
  /** What a forged proof is refused with. */
  readonly mismatch: string;
  readonly missing: string;
  readonly bindsBody: boolean;
  readonly bindsTime: boolean;
}

const key = Buffer.from("a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6", "hex");
const text = "a-shared-secret-of-some-length";
const plain = (provider: unknown) => provider as Provider;

const docver = (n: number) =>
  JSON.stringify({
    id: `event-${n}`,
    webhook_id: "hook",
    event_type: "DOCVER",
    timestamp: "2026-01-01T00:00:00Z",
    payload: { id: "v", applicant_id: "a", status: "verified", note: "Žofie 🌍" },
  });
const session = (n: number) => JSON.stringify({ sessionId: `session-${n}`, status: "COMPLETED" });

const senders: readonly (readonly [string, Sender])[] = [
  [
    "dataspike",
    {
      provider: plain(dataspike({ secret: `whsec_${key.toString("hex")}` })),
      sign: (body, _id, timestamp) => ({ "X-Webhook-Signature": stamp(key, body, timestamp) }),
      event: docver,
      type: "DOCVER",
      unknown: JSON.stringify({ id: "u", event_type: "NEW_THING", payload: {} }),
      invalid: JSON.stringify({ id: "i", event_type: "DOCVER", payload: { status: 5 } }),
      mismatch: "signature_mismatch",
      missing: "signature_missing",
      bindsBody: true,
      bindsTime: true,
    },
  ],
  [
    "vove",
    {
      provider: plain(vove({ secret: `whsec_${key.toString("base64")}` })),
      sign: (body, id, timestamp) => svixHeaders(key, { body, id, timestamp }),
      event: (n) => JSON.stringify({ status: "successful", refId: `ref-${n}` }),
      type: "idv.successful",
      unknown: JSON.stringify({ status: "SUCCESSFUL", refId: "r" }),
      invalid: JSON.stringify({ status: "successful" }),
      mismatch: "signature_mismatch",
      missing: "signature_missing",
      bindsBody: true,
      bindsTime: true,
    },
  ],
  [
    "validas",
    {
      provider: plain(validas({ bearer: { token: text } })),
      sign: () => ({ Authorization: `Bearer ${text}` }),
      event: (n) => JSON.stringify({ validation_id: `val-${n}`, status: "confirmed" }),
      type: "confirmed",
      unknown: JSON.stringify({ validation_id: "v", status: "archived" }),
      invalid: "",
      mismatch: "token_invalid",
      missing: "token_missing",
      bindsBody: false,
      bindsTime: false,
    },
  ],
  [
    "cr3dentials, signed",
    {
      provider: plain(cr3dentials({ signingSecret: text })),
      sign: (body) => ({ "x-webhook-signature": mac(text, "hex", body) }),
      event: session,
      type: "session.completed",
      unknown: JSON.stringify({ type: "verification.expired", data: { verificationId: "v" } }),
      invalid: JSON.stringify({ type: "verification.completed", data: {} }),
      mismatch: "signature_mismatch",
      missing: "signature_missing",
      bindsBody: true,
      bindsTime: false,
    },
  ],
  [
    "cr3dentials, header secret",
    {
      provider: plain(cr3dentials({ header: { name: "X-API-Key", value: text } })),
      sign: () => ({ "X-API-Key": text }),
      event: session,
      type: "session.completed",
      unknown: JSON.stringify({ sessionId: "s", status: "PAUSED" }),
      invalid: JSON.stringify({ sessionId: "", status: "COMPLETED" }),
      mismatch: "secret_header_mismatch",
      missing: "secret_header_missing",
      bindsBody: false,
      bindsTime: false,
    },
  ],
  [
    "screver",
    {
      provider: plain(screver({ endpoints: [{ secret: text, type: "surveyCompleted" }] })),
      sign: (body) => ({ "X-API-SIGNATURE": mac(text, "hex", body) }),
      event: (n) => JSON.stringify({ timestamp: "2026-01-01T00:00:00Z", meta: { n } }),
      type: "surveyCompleted",
      unknown: "",
      invalid: JSON.stringify({ meta: {} }),
      mismatch: "signature_mismatch",
      missing: "signature_missing",
      bindsBody: true,
      bindsTime: false,
    },
  ],
];

const time = 1_700_000_000;
const maxBodyBytes = 4096;

describe.each(senders)("%s", (_sender, sender) => {
  describe.each(adapters)("behind %s", (_adapter, start) => {
    let server: RunningServer;
    let outcomes: Outcome[];
    let handle: () => unknown;
    let clock = time;
    let count = 0;
    const events: unknown[] = [];
    const store = memoryStore();
    let storeDown = false;

    beforeAll(async () => {
      const receiver = createReceiver(sender.provider, {
        on: {
          [sender.type]: (event: unknown) => {
            events.push(event);
            return handle();
          },
        },
        onOutcome: (outcome) => outcomes.push(outcome),
        store: {
          ...store,
          claim: (key, options) =>
            storeDown ? Promise.reject(new Error("down")) : store.claim(key, options),
        },
        now: () => clock * 1000,
        deadlineMs: 250,
        maxBodyBytes,
      });
      server = await start(receiver as unknown as Receiver<never>);
    });
    afterAll(() => server.close());

    /** Posts, and checks what the sender sees and what the observer is told. */
    async function expectOutcome(
      body: string | Uint8Array,
      headers: Record<string, string>,
      status: number,
      told: object,
      options?: Parameters<typeof post>[3],
    ): Promise<Answer> {
      outcomes = [];
      const answer = await post(
        server.url,
        { "content-type": "application/json", ...headers },
        body,
        options,
      );
      expect(answer.status).toBe(status);
      expect(answer.body).toBe("");
      expect(outcomes).toMatchObject([{ status, ...told }]);
      return answer;
    }

    const rejected = (code: string) => ({ kind: "rejected", error: { code } });
    const next = () => {
      count += 1;
      const body = sender.event(count);
      const id = `msg_${count}`;
      return { body, id, headers: sender.sign(body, id, time) };
    };

    it("handles a genuine delivery, and a repeated one not again", async () => {
      handle = () => undefined;
      const { body, headers } = next();
      events.length = 0;
      await expectOutcome(body, headers, 200, { kind: "handled", message: { type: sender.type } });
      await expectOutcome(body, headers, 200, { kind: "duplicate" });
      expect(events).toMatchObject([JSON.parse(body)]);
    });

    it("handles a chunked delivery and one of another content type", async () => {
      handle = () => undefined;
      const chunked = next();
      await expectOutcome(
        chunked.body,
        chunked.headers,
        200,
        { kind: "handled" },
        { chunked: true },
      );
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "garbage",
        "application/vnd.x+json; charset=latin1",
      ]) {
        const { body, headers } = next();
        await expectOutcome(body, { ...headers, "content-type": type }, 200, { kind: "handled" });
      }
    });

    it("asks for a retry when the handler fails, and handles the retry", async () => {
      const { body, headers } = next();
      handle = () => Promise.reject(new Error("db down"));
      await expectOutcome(body, headers, 500, rejected("handler_failed"));
      handle = () => undefined;
      await expectOutcome(body, headers, 200, { kind: "handled" });
      await expectOutcome(body, headers, 200, { kind: "duplicate" });
    });

    it("asks for a retry at the deadline, and says that the message is being handled", async () => {
      const { body, headers } = next();
      let open: () => void = () => undefined;
      handle = () =>
        new Promise<void>((resolve) => {
          open = resolve;
        });
      await expectOutcome(body, headers, 503, rejected("handler_timeout"));
      await expectOutcome(body, headers, 409, { kind: "in_progress" });
      open();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await expectOutcome(body, headers, 200, { kind: "duplicate" });
    });

    it("asks for a retry while the store is down", async () => {
      const { body, headers } = next();
      handle = () => undefined;
      storeDown = true;
      await expectOutcome(body, headers, 503, rejected("store_unavailable"));
      storeDown = false;
      await expectOutcome(body, headers, 200, { kind: "handled" });
    });

    it("refuses a forged proof and a missing one", async () => {
      handle = () => expect.unreachable();
      const { body, headers } = next();
      const forged = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          /id$|timestamp$/.test(name)
            ? value
            : value.replace(/.(.{7})$/, (last, tail) =>
                last.startsWith("0") ? `1${tail}` : `0${tail}`,
              ),
        ]),
      );
      const refused = await expectOutcome(body, forged, 401, rejected(sender.mismatch));
      const asked = await expectOutcome(body, {}, 401, rejected(sender.missing));
      // RFC 6750, section 3; there is no challenge for the other schemes.
      const isToken = sender.missing === "token_missing";
      expect([refused, asked].map(({ headers: sent }) => sent["www-authenticate"])).toEqual(
        isToken
          ? ['Bearer error="invalid_token"', 'Bearer realm="webhook"']
          : [undefined, undefined],
      );
    });

    it("refuses a body that another one replaces, or has said that it is not bound", async () => {
      const { headers, id } = next();
      const other = sender.event(count + 1_000_000);
      handle = () => undefined;
      const told = sender.bindsBody
        ? rejected(sender.mismatch)
        : { kind: "handled", message: { delivery: { bindsBody: false } } };
      await expectOutcome(other, headers, sender.bindsBody ? 401 : 200, told);
      expect(id).toMatch(/^msg_/);
    });

    it("refuses an empty body", async () => {
      const { headers } = next();
      const told = sender.bindsBody ? rejected(sender.mismatch) : rejected("payload_not_json");
      await expectOutcome("", headers, sender.bindsBody ? 401 : 400, told);
    });

    it("refuses a stale delivery and one from the future, or has said that the time is not bound", async () => {
      handle = () => undefined;
      for (const [shift, code] of [
        [301, "timestamp_too_old"],
        [-301, "timestamp_too_new"],
      ] as const) {
        const { body, headers } = next();
        clock = time + shift;
        const told = sender.bindsTime ? rejected(code) : { kind: "handled" };
        await expectOutcome(body, headers, sender.bindsTime ? 401 : 200, told);
        clock = time;
      }
    });

    it("ignores a type that is not known", async () => {
      if (sender.unknown === "") return;
      const body = sender.unknown;
      const told = { kind: "ignored", reason: "unknown_type", message: { known: false } };
      await expectOutcome(body, sender.sign(body, "msg_u", time), 200, told);
    });

    it("refuses an authentic event that is off its schema, no JSON, or no UTF-8", async () => {
      if (sender.invalid !== "") {
        await expectOutcome(
          sender.invalid,
          sender.sign(sender.invalid, "msg_i", time),
          422,
          rejected("payload_invalid"),
        );
      }
      await expectOutcome("{", sender.sign("{", "msg_j", time), 400, rejected("payload_not_json"));
      const latin1 = Buffer.from('{"name":"Žofie"}'.replace("Ž", "\u00e9"), "latin1");
      const headers = sender.sign(latin1 as unknown as string, "msg_k", time);
      await expectOutcome(latin1, headers, 400, rejected("payload_not_utf8"));
    });

    it("refuses a large body, announced or not, and a compressed one", async () => {
      const large = `{"a":"${"x".repeat(maxBodyBytes)}"}`;
      const headers = sender.sign(large, "msg_l", time);
      await expectOutcome(large, headers, 413, rejected("body_too_large"));
      await expectOutcome(large, headers, 413, rejected("body_too_large"), { chunked: true });
      const { body, headers: genuine } = next();
      await expectOutcome(
        body,
        { ...genuine, "content-encoding": "gzip" },
        415,
        rejected("encoding_unsupported"),
      );
    });

    it("refuses every method but POST", async () => {
      const { body, headers } = next();
      for (const method of ["GET", "PUT", "PATCH", "DELETE"]) {
        outcomes = [];
        const answer = await post(server.url, headers, method === "GET" ? "" : body, { method });
        expect(answer.status).toBe(405);
        expect(answer.headers.allow).toBe("POST");
        expect(outcomes).toMatchObject([rejected("method_not_allowed")]);
      }
    });
  });
});
