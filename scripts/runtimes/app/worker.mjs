// Runs the battery in workerd, and prints what was seen.

import { modules, runBattery } from "./bundle.mjs";

export default {
  async test(_controller, { inputs }) {
    console.log(JSON.stringify({ results: await runBattery(modules, inputs) }));
  },
};
