// A small client: connections that are kept, each with one request at a time, over bytes that are made beforehand.

import { connect } from "node:net";

const headEnd = Buffer.from("\r\n\r\n");

/** The bytes of a POST. */
export function requestBytes(path, { headers, body }) {
  const lines = Object.entries({ ...headers, connection: "keep-alive" }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), body]);
}

/** How long an answer is, if all of it is there. */
function lengthOf(buffer) {
  const end = buffer.indexOf(headEnd);
  if (end === -1) return undefined;
  const head = buffer.toString("latin1", 0, end);
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  if (length !== undefined) {
    const all = end + 4 + Number(length);
    return buffer.length >= all ? all : undefined;
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return end + 4;
  const last = buffer.indexOf("0\r\n\r\n", end + 4);
  return last === -1 ? undefined : last + 5;
}

/** One connection. Sends the next request when the answer is complete. */
function lane(port, next, expected) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let buffer = Buffer.alloc(0);
    let done = 0;
    const send = () => {
      const bytes = next();
      if (bytes === undefined) {
        socket.destroy();
        resolve(done);
      } else socket.write(bytes);
    };
    socket.on("connect", send);
    socket.on("data", (chunk) => {
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
      const length = lengthOf(buffer);
      if (length === undefined) return;
      const status = Number(buffer.toString("latin1", 9, 12));
      buffer = buffer.subarray(length);
      if (!expected(status)) {
        socket.destroy();
        reject(new Error(`answered with ${status}`));
        return;
      }
      done += 1;
      send();
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection was closed")));
  });
}

/** @returns How many requests were answered, and in how many milliseconds. */
export async function burst(port, requests, { ms, connections = 16, expected = (s) => s === 200 }) {
  const begin = performance.now();
  let sent = 0;
  const next = () => {
    if (performance.now() - begin >= ms) return undefined;
    sent += 1;
    return requests[sent % requests.length];
  };
  const counts = await Promise.all(
    Array.from({ length: connections }, () => lane(port, next, expected)),
  );
  return { count: counts.reduce((sum, one) => sum + one, 0), ms: performance.now() - begin };
}
