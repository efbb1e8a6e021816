import { existsSync } from "node:fs";

/** Where a Chromium of the system may be. */
export const browsers = [
  ...["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The first that there is. */
export const findChromium = () => browsers.find((path) => existsSync(path));
