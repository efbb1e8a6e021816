const { isWebhookError } = require("countersign");
const { validas } = require("countersign/providers/validas");
const { bearerJwt } = require("countersign/schemes/bearer-jwt");
const scenario = require("./no-jose-scenario.cjs");

scenario({ isWebhookError, bearerJwt, validas }).then((report) => {
  console.log(JSON.stringify(report));
});
