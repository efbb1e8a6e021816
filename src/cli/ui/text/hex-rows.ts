/** Sixteen bytes of a body, as they are written in a hex view. */
export interface HexRow {
  readonly offset: string;
  readonly hex: string;
  readonly text: string;
}

/** The rows of a hex view of the first bytes of a body. */
export function hexRows(bytes: Uint8Array, most: number): readonly HexRow[] {
  const rows: HexRow[] = [];
  const end = Math.min(bytes.length, most);
  for (let start = 0; start < end; start += 16) {
    const row = [...bytes.subarray(start, Math.min(start + 16, end))];
    const cells = row.map((byte) => byte.toString(16).padStart(2, "0"));
    rows.push({
      offset: start.toString(16).padStart(6, "0"),
      hex: `${cells.slice(0, 8).join(" ")}  ${cells.slice(8).join(" ")}`.trimEnd(),
      text: row
        .map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."))
        .join(""),
    });
  }
  return rows;
}
