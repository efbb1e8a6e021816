// Sends requests to the fetch adapter: real `Request` objects in, real `Response` objects out.

import { deliver } from "../../demo/deliver.mjs";
import { watchedReceivers } from "../../demo/watch.mjs";
import { bytesOf } from "./values.mjs";

const chunkBytes = 7;

/** A body that arrives in pieces, and may break off. */
function streamOf(bytes, { breaks = false } = {}) {
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset >= bytes.length) {
        if (breaks) controller.error(new Error("the sender hung up"));
        else controller.close();
        return;
      }
      // Large ones in larger pieces: thousands of pieces would take a while.
      const size = bytes.length > 1000 ? 1000 : chunkBytes;
      controller.enqueue(bytes.slice(offset, offset + size));
      offset += size;
    },
  });
}

/** What something that ran before the adapter has done to the request. */
const meddling = {
  "is read": (request) => request.text(),
  "is locked": (request) => request.body.getReader(),
};

async function requestOf(path, { method, headers, body, arrives = "whole" }) {
  const bytes = bytesOf(body);
  const bodiless = method === "GET" || method === "HEAD";
  const whole = arrives !== "in pieces" && arrives !== "broken";
  const init = whole
    ? { body: bytes }
    : { body: streamOf(bytes, { breaks: arrives === "broken" }), duplex: "half" };
  const fields = new Headers();
  for (const [name, value] of headers) fields.append(name, value);
  const request = new Request(`https://example.test${path}`, {
    method,
    headers: fields,
    ...(bodiless ? {} : init),
  });
  await meddling[arrives]?.(request);
  return arrives === "cloned" ? request.clone() : request;
}

async function answerOf(response) {
  const { status } = response;
  return {
    status,
    headers: Object.fromEntries(response.headers),
    bodyBytes: (await response.arrayBuffer()).byteLength,
  };
}

/** @returns A list of names and what was seen: the deliveries of one endpoint, in their order. */
export async function runFetch(modules, { provider, options, deliveries }) {
  const { createReceiver } = modules.countersign;
  const { toFetchHandler } = modules["countersign/fetch"];
  const clock = { now: 0 };
  const path = `/webhooks/${provider}`;
  const make = modules[`countersign/providers/${provider}`][provider];
  const mount = { path, provider: make(options) };
  const { seen, routes } = watchedReceivers(createReceiver, [mount], clock);
  const handler = toFetchHandler(routes[0].receiver);
  const send = async (_path, request) => {
    try {
      return await answerOf(await handler(await requestOf(path, request)));
    } catch (error) {
      return { failure: `threw ${error?.name}: ${error?.message}` };
    }
  };
  const results = [];
  for (const delivery of deliveries) {
    const server = { name: "fetch", seen, send };
    for (const { delivery: one, actual } of await deliver(delivery, server, clock)) {
      results.push([one.name, actual]);
    }
  }
  return results;
}
