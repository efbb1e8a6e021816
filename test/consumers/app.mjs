import { createReceiver, isWebhookError, safeVerifySvix, verifySvix } from "countersign";
import { catchUp } from "countersign/catch-up";
import { toExpressHandler } from "countersign/express";
import { vove } from "countersign/providers/vove";
import { bearerJwt } from "countersign/schemes/bearer-jwt";
import scenario from "./scenario.cjs";

const modules = { createReceiver, isWebhookError, safeVerifySvix, verifySvix };
const report = await scenario({ ...modules, bearerJwt, catchUp, toExpressHandler, vove });
console.log(JSON.stringify(report));
