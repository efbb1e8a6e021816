import { isWebhookError } from "countersign";
import { validas } from "countersign/providers/validas";
import { bearerJwt } from "countersign/schemes/bearer-jwt";
import scenario from "./no-jose-scenario.cjs";

console.log(JSON.stringify(await scenario({ isWebhookError, bearerJwt, validas })));
