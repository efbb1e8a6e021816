import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "../../helpers/listen.js";

/** A server on loopback that answers as the test says; `index` counts the requests from 0. */
export async function scripted(
  answer: (request: IncomingMessage, response: ServerResponse, index: number) => void,
) {
  const seen: { readonly at: number; readonly url: string | undefined }[] = [];
  const server = createServer((request, response) => {
    seen.push({ at: Date.now(), url: request.url });
    request.resume();
    answer(request, response, seen.length - 1);
  });
  return { ...(await listen(server)), seen };
}
