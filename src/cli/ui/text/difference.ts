/** A stretch of text that two texts share, or that only one of them has. */
export interface Change {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

// The work grows with its square.
const mostEdits = 1200;

function joined(changes: readonly Change[]): readonly Change[] {
  const result: Change[] = [];
  for (const { kind, text } of changes) {
    const last = result.at(-1);
    if (text === "") continue;
    if (last?.kind === kind) result[result.length - 1] = { kind, text: last.text + text };
    else result.push({ kind, text });
  }
  return result;
}

const all = (kind: Change["kind"], pieces: readonly string[]): Change[] => [
  { kind, text: pieces.join("") },
];

/** Myers' shortest edit script, or `undefined` where it would be longer than is worth looking for. */
function shortest(a: readonly string[], b: readonly string[]): readonly Change[] | undefined {
  const reach = new Map<number, number>([[1, 0]]);
  const trail: Map<number, number>[] = [];
  const isDown = (from: ReadonlyMap<number, number>, k: number, edits: number): boolean =>
    k === -edits || (k !== edits && (from.get(k - 1) ?? -1) < (from.get(k + 1) ?? -1));
  for (let edits = 0; edits <= Math.min(mostEdits, a.length + b.length); edits += 1) {
    trail.push(new Map(reach));
    for (let k = -edits; k <= edits; k += 2) {
      let x = isDown(reach, k, edits) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, trail, isDown);
    }
  }
  return undefined;
}

function walkBack(
  a: readonly string[],
  b: readonly string[],
  trail: readonly ReadonlyMap<number, number>[],
  isDown: (from: ReadonlyMap<number, number>, k: number, edits: number) => boolean,
): readonly Change[] {
  const backwards: Change[] = [];
  let x = a.length;
  let y = b.length;
  for (let edits = trail.length - 1; edits >= 0; edits -= 1) {
    const from = trail[edits] ?? new Map();
    const down = isDown(from, x - y, edits);
    const k = down ? x - y + 1 : x - y - 1;
    const startX = edits === 0 ? 0 : (from.get(k) ?? 0);
    const startY = edits === 0 ? 0 : startX - k;
    while (x > startX && y > startY) {
      x -= 1;
      y -= 1;
      backwards.push({ kind: "same", text: a[x] ?? "" });
    }
    if (edits === 0) break;
    if (down) backwards.push({ kind: "added", text: b[startY] ?? "" });
    else backwards.push({ kind: "removed", text: a[startX] ?? "" });
    x = startX;
    y = startY;
  }
  return backwards.reverse();
}

const isSpace = (piece: string): boolean => piece.trim() === "";

/** Pairs the pieces that are not space one by one: for texts that differ in layout, however long they are. */
function paired(a: readonly string[], b: readonly string[]): readonly Change[] | undefined {
  const changes: Change[] = [];
  let at = 0;
  const takeSpace = (): string => {
    let text = "";
    while (at < b.length && isSpace(b[at] ?? "x")) text += b[at++] ?? "";
    return text;
  };
  let before = "";
  const flush = (after: string): void => {
    if (before === after) changes.push({ kind: "same", text: before });
    else changes.push({ kind: "removed", text: before }, { kind: "added", text: after });
    before = "";
  };
  for (const piece of a) {
    if (isSpace(piece)) {
      before += piece;
      continue;
    }
    flush(takeSpace());
    const other = b[at++];
    if (other === undefined) return undefined;
    if (other === piece) changes.push({ kind: "same", text: piece });
    else changes.push({ kind: "removed", text: piece }, { kind: "added", text: other });
  }
  flush(takeSpace());
  return at === b.length ? changes : undefined;
}

/** What turns one text into another, given in pieces that are never split. Texts that differ too much are one change. */
export function difference(a: readonly string[], b: readonly string[]): readonly Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  const most = Math.min(a.length, b.length) - start;
  while (end < most && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [innerA, innerB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const inner = shortest(innerA, innerB) ??
    paired(innerA, innerB) ?? [...all("removed", innerA), ...all("added", innerB)];
  return joined([
    ...all("same", a.slice(0, start)),
    ...inner,
    ...all("same", a.slice(a.length - end)),
  ]);
}
