import { randomUUID } from "node:crypto";
import type { Setup } from "../setup.js";

export const setup: Setup = {
  title: "vali-Das",
  secret:
    "There is none of Veridas': your own authorization server issues the token with which vali-Das calls you. The secret is that token, where it is a fixed one.",
  source: "docs.veridas.com/vali-das/cloud/v2.40/annexes/webhooks/, read 2026-11-20",
  webhooksAt:
    "Its API has calls for settings and for a test, whose bodies are not published: countersign/clients/validas sends those that you have from Veridas.",
  forms: [
    "--issuer URL --audience TEXT with --jwks-url URL or --jwks FILE checks signed tokens (JWT), which takes the package jose.",
  ],
  options: async ({ secrets, issuer, audience, jwksUrl, jwks }) =>
    issuer === undefined && audience === undefined && jwksUrl === undefined && jwks === undefined
      ? { bearer: { token: await secrets() } }
      : {
          bearer: {
            ...{ issuer, audience },
            ...(jwksUrl === undefined ? {} : { jwksUrl }),
            ...(jwks === undefined ? {} : { jwks }),
          },
        },
  fresh: (event) => ({ ...event, validation_id: randomUUID().replaceAll("-", "") }),
};
