// Prints results as a table: one line for all servers that answered a delivery alike.

const columns = [
  ["provider", 20],
  ["server", 21],
  ["delivery", 46],
  ["expected", 8],
  ["actual", 6],
  ["verdict", 0],
];

const line = (cells) =>
  cells
    .map((cell, index) => String(cell).padEnd(columns[index][1]))
    .join("  ")
    .trimEnd();

/** Results of one delivery, those that are alike together. */
function alike(results) {
  const groups = new Map();
  for (const result of results) {
    const { status, verdict } = result.actual;
    const key = JSON.stringify([status, verdict, result.surprises]);
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()];
}

function lineOf(group, paint) {
  const [{ delivery, actual, surprises }] = group;
  const { provider, title, note, expected } = delivery;
  const surprising = surprises.length > 0;
  const text = line([
    provider,
    group.map(({ server }) => server).join(" "),
    note === undefined ? title : `${title} (${note})`,
    expected.status,
    actual.status ?? "none",
    [actual.verdict ?? "no outcome", ...surprises].join("; "),
  ]);
  if (surprising) return paint("red", text);
  return actual.status === 200 ? paint("green", text) : text;
}

/** Prints rows, each the results of one delivery at every server. */
export function printTable(rows, print, paint) {
  print(paint("bold", line(columns.map(([name]) => name))));
  let previous;
  for (const results of rows) {
    const [{ delivery }] = results;
    if (delivery.provider !== previous) print("");
    previous = delivery.provider;
    for (const group of alike(results)) print(lineOf(group, paint));
  }
}
