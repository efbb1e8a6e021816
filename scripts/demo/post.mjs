// Posts one request over HTTP, byte for byte as given.

import { request as httpRequest } from "node:http";

const patienceMs = 5000;

/**
 * The answer's status and headers, the length of its body, or what went wrong instead. A server may answer before it has
 * read everything and hang up: what fails after the answer has come does not count.
 */
export function post(port, path, { method, headers, body }) {
  return new Promise((resolve) => {
    const request = httpRequest({
      host: "127.0.0.1",
      port,
      path,
      method,
      // As a list, Node sends them as they are spelt and adds none of its own. No length means chunked.
      headers: headers.flat(),
      agent: false,
      timeout: patienceMs,
    });
    request.on("response", (response) => {
      const { statusCode, headers } = response;
      let bodyBytes = 0;
      const answer = () => resolve({ status: statusCode, headers, bodyBytes });
      response.on("data", (chunk) => {
        bodyBytes += chunk.length;
      });
      response.on("end", answer).on("error", answer).on("close", answer);
    });
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", ({ code, message }) => resolve({ failure: code ?? message }));
    request.end(body.length > 0 ? body : undefined);
  });
}
