// Builds the debugger: one HTML file that checks a delivery in the browser, from the sources of countersign and of the
// inspector page. It asks nothing of a server and may be hosted anywhere.
//
//   node scripts/debugger.mjs [file]     build/debugger.html by default

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { offers } from "./debugger/offer.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = resolve(
  process.argv.slice(2).find((arg) => !arg.startsWith("-")) ?? `${root}/build/debugger.html`,
);

const providers = offers();
const entry = [
  ...providers.map(
    ({ id }, index) => `import { ${id} as p${index} } from "./src/providers/${id}.ts";`,
  ),
  `import { startDebugger } from "./src/cli/ui/debugger/debugger.tsx";`,
  `const offers = ${JSON.stringify(providers)};`,
  `const factories = [${providers.map((_, index) => `p${index}`).join(", ")}];`,
  "startDebugger(offers.map((offer, index) => ({ ...offer, make: factories[index] })));",
].join("\n");

const settings = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  platform: "browser",
  target: ["chrome123", "firefox120", "safari17.5"],
  logLevel: "warning",
  legalComments: "none",
};
const script = await build({
  ...settings,
  stdin: { contents: entry, resolveDir: root, loader: "js" },
  format: "iife",
  // In place of this repository's own, whose #hmac is that of Node.
  tsconfigRaw: { compilerOptions: { jsx: "react-jsx", jsxImportSource: "preact" } },
  alias: { "#hmac": `${root}/src/internal/hmac.default.ts` },
});
const style = await build({ ...settings, entryPoints: ["src/cli/ui/style.css"] });
const js = script.outputFiles[0].text;
const css = style.outputFiles[0].text;
const icon = readFileSync(`${root}/src/cli/ui/icon.svg`).toString("base64");

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
// Nothing may be fetched or sent: there is no connect-src, and default-src is 'none'.
const policy = [
  "default-src 'none'",
  `script-src ${hash(js)}`,
  `style-src ${hash(css)}`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** The licences of what is bundled. */
const notices = [
  ...new Set(
    Object.keys(script.metafile.inputs).flatMap(
      (path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
    ),
  ),
].map((name) => {
  const folder = `${root}/node_modules/${name}`;
  const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  return `${name}\n\n${readFileSync(`${folder}/${licence}`, "utf8").replaceAll("--", "- -")}`;
});
const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>countersign debugger</title>
<link rel="icon" type="image/svg+xml" href="data:image/svg+xml;base64,${icon}">
<style>${css}</style>
</head>
<body>
<div id="app"></div>
<noscript>The debugger needs JavaScript: it computes everything itself.</noscript>
<script>${js}</script>
</body>
</html>
<!--
${["This page holds these libraries.", ...notices].join("\n\n")}
-->
`;
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, html);
const gzip = gzipSync(html, { level: 9 }).length;
console.log(`${target}: ${html.length} bytes, ${gzip} with gzip`);
