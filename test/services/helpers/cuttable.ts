import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a server that can fall silent at a chosen moment. */
export interface Cuttable {
  readonly port: number;
  /**
   * Lets that many writes to the server through, and then nothing, in either direction, with connections left open: as a
   * machine that is unplugged. Resolves when the server has answered the last of them, which nobody hears; for 0, when
   * there is something to hold back.
   */
  cutAfter(writes: number): Promise<void>;
  /** Breaks all connections, and lets everything through again. */
  mend(): void;
  close(): Promise<void>;
}

/** Stands between a client and the server at a port of loopback. */
export async function cuttable(serverPort: number): Promise<Cuttable> {
  const sockets = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  let isCut = (): void => undefined;

  const proxy = createServer((client) => {
    const server = connect(serverPort, "127.0.0.1");
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("data", (bytes) => {
      if (left > 0) server.write(bytes);
      else isCut();
      left = Math.max(0, left - 1);
    });
    server.on("data", (bytes) => {
      if (left > 0) client.write(bytes);
      else isCut();
    });
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");

  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: (proxy.address() as AddressInfo).port,
    cutAfter: (writes) =>
      new Promise((resolve) => {
        left = writes;
        isCut = resolve;
      }),
    mend: () => {
      breakAll();
      left = Number.POSITIVE_INFINITY;
    },
    close: async () => {
      breakAll();
      proxy.close();
      await once(proxy, "close");
    },
  };
}
