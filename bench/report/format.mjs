// Figures and tables, for people.

export function time(ns) {
  if (ns === undefined) return "-";
  const [value, unit] = ns < 1000 ? [ns, "ns"] : ns < 1e6 ? [ns / 1000, "µs"] : [ns / 1e6, "ms"];
  return `${number(value)} ${unit}`;
}

/** Three digits that count. */
export function number(value) {
  if (value === undefined || !Number.isFinite(value)) return "-";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export const sizeName = (bytes) => {
  if (bytes >= 1_048_576) return `${bytes / 1_048_576} MiB`;
  return bytes >= 1024 ? `${bytes / 1024} KiB` : `${bytes} B`;
};

/** A Markdown table that can be read in a terminal too: text to the left, figures to the right. */
export function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => String(cell ?? "-")));
  const widths = head.map((_cell, column) =>
    Math.max(3, ...cells.map((row) => [...row[column]].length)),
  );
  const pad = (text, column) => {
    const space = " ".repeat(widths[column] - [...text].length);
    return column === 0 ? text + space : space + text;
  };
  const line = (row) => `| ${row.map(pad).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  const [first, ...rest] = cells;
  return [line(first), `| ${rule.join(" | ")} |`, ...rest.map(line)].join("\n");
}
