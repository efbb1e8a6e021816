// Type-checked where neither jose nor Node's types are installed, as in a project for an edge runtime.
import { createReceiver, type Outcome } from "countersign";
import { toFetchHandler } from "countersign/fetch";
import { cr3dentials } from "countersign/providers/cr3dentials";
import { dataspike } from "countersign/providers/dataspike";
import { screver } from "countersign/providers/screver";
import { validas } from "countersign/providers/validas";
import { vove } from "countersign/providers/vove";
import { bearerToken } from "countersign/schemes/bearer-token";
import { signDelivery, toRequest } from "countersign/testing";

const secret = "whsec_text";
const provider = validas({ bearer: { token: "a fixed token" } });
const receiver = createReceiver(provider, {
  on: {
    cancelled: (event) => {
      const status: "cancelled" = event.status;
      // @ts-expect-error: a literal, not just any value.
      const other: "confirmed" = event.status;
      return [status, other];
    },
  },
});
export const handlers = [
  toFetchHandler(receiver),
  toFetchHandler(createReceiver(cr3dentials({ signingSecret: secret }))),
  toFetchHandler(createReceiver(dataspike({ secret }))),
  toFetchHandler(createReceiver(screver({ secret }))),
  toFetchHandler(createReceiver(vove({ secret }))),
];
export const request: Request = toRequest(signDelivery(provider, {}), "https://app.example/hooks");
export const kind = (outcome: Outcome): string => outcome.kind;
export const scheme = bearerToken({ token: ["old token", "new token"] });
