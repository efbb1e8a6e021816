import { once } from "node:events";
import { readdirSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { captureFolder } from "../../src/cli/capture-folder.js";
import { startListener } from "../../src/cli/listener.js";
import { parseTarget, postExactly } from "../../src/cli/post-exactly.js";
import { parseSettings } from "../../src/cli/settings.js";
import { turns } from "../../src/cli/turns.js";
import { temporaryFolder } from "./helpers/cli.js";

const place = temporaryFolder();
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe("turns", () => {
  it("are taken one after the other, also after a failure", async () => {
    const inTurn = turns();
    let [underWay, most] = [0, 0];
    const work = async (index: number): Promise<number> => {
      underWay += 1;
      most = Math.max(most, underWay);
      await sleep(2);
      underWay -= 1;
      if (index === 1) throw new Error("one");
      return index;
    };
    const done = await Promise.allSettled([0, 1, 2].map((index) => inTurn(() => work(index))));
    expect(done.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(most).toBe(1);
  });

  it("are so many a minute, and so many at once", async () => {
    let time = 0;
    const inTurn = turns({ mostAMinute: 3, now: () => time });
    const done: unknown[] = [];
    for (const at of [0, 20_000, 40_000, 59_999, 60_000, 60_001, 80_000]) {
      time = at;
      done.push(await inTurn(async () => at));
    }
    expect(done).toEqual([0, 20_000, 40_000, undefined, 60_000, undefined, 80_000]);
    const narrow = turns({ mostWaiting: 2 });
    const all = [1, 2, 3, 4].map((one) => narrow(async () => one));
    expect(await Promise.all(all)).toEqual([1, 2, 3, undefined]);
    expect(await narrow(async () => 5)).toBe(5);
  });
});

describe("the folder of deliveries", () => {
  const request = { method: "POST", path: "/", headers: [], body: new Uint8Array(100) };

  it.each([
    ["files", { maxFiles: 2 }],
    ["bytes", { maxBytes: 300 }],
  ])("is full after so many %s, which it says once", (name, bounds) => {
    let told = 0;
    const path = join(place, name);
    const folder = captureFolder(path, { ...bounds, onFull: () => (told += 1) });
    const files = [1, 2, 3, 4].map(() => folder.store(request, new Date(0)));
    expect(files.map((file) => file !== undefined)).toEqual([true, true, false, false]);
    expect(readdirSync(path).filter((file) => file.endsWith(".http"))).toHaveLength(2);
    expect(told).toBe(1);
  });
});

describe("the listener", () => {
  it("has no more than 64 connections", async () => {
    const { url, close } = await startListener({
      ...{ host: "127.0.0.1", port: 0, remark: () => undefined },
      take: async () => ({ status: 200 }),
    });
    const sockets: Socket[] = [];
    let refused = 0;
    for (let index = 0; index < 70; index += 1) {
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      socket.on("error", () => undefined).on("close", () => (refused += 1));
      sockets.push(socket.resume());
    }
    await expect.poll(() => refused).toBe(6);
    for (const socket of sockets) socket.destroy();
    await close();
  });
});

describe("a request", () => {
  const received = { method: "POST", headers: [], body: new Uint8Array() };

  /** Answers, and goes on answering. */
  async function startTrickle(head: string): Promise<{ url: URL; close: () => void }> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.write(head);
      const timer = setInterval(() => socket.write("a: b\r\n"), 20);
      socket.on("error", () => undefined).on("close", () => clearInterval(timer));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    return {
      url: new URL(`http://127.0.0.1:${port}/`),
      close: () => {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    };
  }

  it("ends, however slowly an answer goes on", async () => {
    const slow = await startTrickle("HTTP/1.1 200 OK\r\n");
    await expect(postExactly(slow.url, received, { wholeMs: 200 })).rejects.toThrow(
      /did not answer in time/,
    );
    slow.close();
    const endless = await startTrickle("HTTP/1.1 202 Accepted\r\n\r\n");
    const { status } = await postExactly(endless.url, received, { wholeMs: 200 });
    expect(status).toBe(202);
    endless.close();
  });

  it("goes to no address with a password, which would be shown", () => {
    for (const address of ["http://ann:pass@127.0.0.1/", "https://ann@127.0.0.1/"]) {
      expect(() => parseTarget(address)).toThrow(/no user name/);
    }
    expect(parseTarget("http://127.0.0.1/@a:b").href).toBe("http://127.0.0.1/@a:b");
  });
});

describe("--set", () => {
  it("takes what says how a secret is read, and no secret", () => {
    expect(parseSettings(["secretEncoding=hex", "minSecretBytes=8"])).toEqual({
      secretEncoding: "hex",
      minSecretBytes: 8,
    });
    for (const name of [
      "secret",
      "clientSecret",
      "header.value",
      "token",
      "secretEncodingSecret",
    ]) {
      expect(() => parseSettings([`${name}=x`]), name).toThrow(/takes no secret/);
    }
  });
});
