// Time of one verification by size of the body, as an SVG that can be read on light and on dark.

import { sizeName, time } from "./format.mjs";

const [width, height] = [860, 480];
const [left, right, top, bottom] = [70, 240, 50, 50];

const lines = [
  ["countersign svix", "countersign svix", "#2f9e44", 3.5],
  ["svix", "svix", "#e8590c", 2],
  ["standardwebhooks", "standardwebhooks", "#c2255c", 2],
  ["stripe verifyHeader", "stripe verifyHeader", "#7950f2", 2],
  ["@octokit/webhooks-methods", "octokit", "#1c7ed6", 2],
  ["by hand: bytes, KeyObject", "by hand, createHmac", "#0c8599", 2],
  ["by hand: noble hmac", "by hand, noble", "#a07000", 2],
];

const style = `text { font: 13px system-ui, sans-serif; fill: #24292f; }
.axis, .grid { stroke: #8b949e; fill: none; } .grid { stroke-opacity: .3; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }`;

/** Moves labels apart that would lie over one another. */
function spread(labels) {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  for (let index = 1; index < sorted.length; index += 1) {
    sorted[index].y = Math.max(sorted[index].y, sorted[index - 1].y + 17);
  }
  const over = sorted.length > 0 ? sorted.at(-1).y - (height - bottom) : 0;
  if (over > 0) for (const label of sorted) label.y -= over;
  return sorted;
}

/** @returns The SVG, or nothing where no verification was measured on that runtime. */
export function renderPlot(results, runtime) {
  const measured = results.verify?.runtimes?.[runtime];
  if (measured?.ns === undefined) return undefined;
  const sizes = Object.keys(measured.ns).map(Number);
  const openssl = results.verify.openssl.ns;
  const series = lines
    .filter(([name]) => sizes.every((size) => measured.ns[size][name] !== undefined))
    .map(([name, label, colour, stroke]) => {
      return { label, colour, stroke, values: sizes.map((size) => measured.ns[size][name]) };
    });
  if (openssl !== undefined) {
    const values = sizes.map((size) => openssl[size]);
    series.push({
      label: "bare SHA-256",
      colour: "#868e96",
      stroke: 2,
      dash: "5 4",
      values,
    });
  }
  const all = series.flatMap(({ values }) => values);
  const [low, high] = [Math.log10(Math.min(...all)) - 0.1, Math.log10(Math.max(...all)) + 0.1];
  const [first, last] = [Math.log2(sizes[0]), Math.log2(sizes.at(-1))];
  const x = (size) => left + ((Math.log2(size) - first) / (last - first)) * (width - left - right);
  const y = (ns) =>
    height - bottom - ((Math.log10(ns) - low) / (high - low)) * (height - top - bottom);
  const out = [];
  for (let power = Math.ceil(low); power <= high; power += 1) {
    const at = y(10 ** power).toFixed(1);
    out.push(`<path class="grid" d="M${left} ${at}H${width - right}"/>`);
    out.push(
      `<text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${time(10 ** power).replace(/\.0+(?= )/, "")}</text>`,
    );
  }
  for (const size of sizes) {
    out.push(`<path class="grid" d="M${x(size).toFixed(1)} ${top}V${height - bottom}"/>`);
    out.push(
      `<text x="${x(size).toFixed(1)}" y="${height - bottom + 20}" text-anchor="middle">${sizeName(size)}</text>`,
    );
  }
  const labels = [];
  for (const { label, colour, stroke, dash, values } of series) {
    const path = values.map((ns, index) => `${x(sizes[index]).toFixed(1)} ${y(ns).toFixed(1)}`);
    const dashes = dash === undefined ? "" : ` stroke-dasharray="${dash}"`;
    out.push(
      `<path fill="none" stroke="${colour}" stroke-width="${stroke}"${dashes} d="M${path.join("L")}"/>`,
    );
    labels.push({ label, colour, y: y(values.at(-1)), value: values.at(-1) });
  }
  for (const { label, colour, y: at, value } of spread(labels)) {
    const box = width - right + 10;
    out.push(
      `<rect x="${box}" y="${(at - 5).toFixed(1)}" width="12" height="10" fill="${colour}"/>`,
    );
    out.push(`<text x="${box + 18}" y="${(at + 4).toFixed(1)}">${label}: ${time(value)}</text>`);
  }
  const title = `Time of one verification by size of the body, ${measured.title}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>${style}</style>
<text x="${left}" y="26" font-weight="600">${title} (both axes logarithmic, lower is faster)</text>
<path class="axis" d="M${left} ${top}V${height - bottom}H${width - right}"/>
${out.join("\n")}
</svg>
`;
}
