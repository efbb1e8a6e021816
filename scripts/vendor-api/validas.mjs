// vali-Das: the settings of its webhook, and the test call.
//
// From “Webhook” of its documentation (docs.veridas.com/vali-das/cloud/v2.40/annexes/webhooks/), read 2026-11-20, which
// names the three calls and nothing else. That the key is sent as `apikey` is from public code. No body is published:
// the settings are kept and given back as they came, and the test call is answered without a body.

import { answer, refusal } from "./answers.mjs";

/** Plays vali-Das. */
export function validasApi({ apiKey = "validas-test-key", header = "apikey" } = {}) {
  let settings;
  const tests = [];
  const path = /^\/validas\/v1\/webhook\/settings$/;
  return {
    authorized: (headers) => headers[header.toLowerCase()] === apiKey,
    routes: [
      {
        method: "POST",
        path,
        body: "json",
        run({ body }) {
          settings = body;
          return answer(200, settings);
        },
      },
      {
        method: "GET",
        path,
        run: () =>
          settings === undefined ? refusal(404, "no settings yet") : answer(200, settings),
      },
      {
        method: "POST",
        path: /^\/validas\/v1\/webhook\/test$/,
        body: "optional",
        run({ body }) {
          tests.push(body);
          return answer(200);
        },
      },
    ],
    controls: {
      apiKey,
      get settings() {
        return settings;
      },
      tests,
    },
  };
}
