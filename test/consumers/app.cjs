const { createReceiver, isWebhookError, safeVerifySvix, verifySvix } = require("countersign");
const { catchUp } = require("countersign/catch-up");
const { toExpressHandler } = require("countersign/express");
const { vove } = require("countersign/providers/vove");
const { bearerJwt } = require("countersign/schemes/bearer-jwt");
const scenario = require("./scenario.cjs");

const modules = { createReceiver, isWebhookError, safeVerifySvix, verifySvix };
scenario({ ...modules, bearerJwt, catchUp, toExpressHandler, vove }).then((report) => {
  console.log(JSON.stringify(report));
});
