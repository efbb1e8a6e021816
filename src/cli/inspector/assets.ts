import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { usageFailure } from "../failure.js";

/** A file of the page. */
export interface Asset {
  readonly type: string;
  readonly body: string;
}

// In dist/cli, where the command is; from src, what was built last.
const places = ["./ui/", "../../../dist/cli/ui/"];

function folder(): URL {
  const found = places
    .map((place) => new URL(place, import.meta.url))
    .find((url) => existsSync(fileURLToPath(new URL("inspector.js", url))));
  if (found === undefined) {
    throw usageFailure(
      "The inspector page is not built.",
      "In a clone of the repository: npm run build",
    );
  }
  return found;
}

function page(token: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="countersign-token" content="${token}">
<title>countersign inspector</title>
<link rel="icon" type="image/svg+xml" href="/icon.svg">
<link rel="stylesheet" href="/inspector.css">
<script src="/inspector.js" defer></script>
</head>
<body>
<div id="app"></div>
<noscript>The inspector needs JavaScript.</noscript>
</body>
</html>
`;
}

/** The files of the page by path. The token is of hexadecimal digits. */
export function inspectorAssets(token: string): ReadonlyMap<string, Asset> {
  const from = folder();
  const read = (name: string): string => readFileSync(new URL(name, from), "utf8");
  return new Map<string, Asset>([
    ["/", { type: "text/html; charset=utf-8", body: page(token) }],
    ["/inspector.js", { type: "text/javascript; charset=utf-8", body: read("inspector.js") }],
    ["/inspector.css", { type: "text/css; charset=utf-8", body: read("inspector.css") }],
    ["/icon.svg", { type: "image/svg+xml", body: read("icon.svg") }],
  ]);
}
