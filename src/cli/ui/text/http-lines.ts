/** A `.http` file, taken apart. */
export interface HttpParts {
  /** The lines of the head, in Latin-1 as Node reads headers: one character for each byte. */
  readonly lines: readonly string[];
  readonly body: Uint8Array;
  /** Bytes beyond those that `Content-Length` announces, or below 0 where there are fewer. */
  readonly surplus: number;
}

function latin1(bytes: Uint8Array): string {
  const pieces: string[] = [];
  // No more at once than a call takes arguments.
  for (let start = 0; start < bytes.length; start += 8192) {
    pieces.push(String.fromCharCode(...bytes.subarray(start, start + 8192)));
  }
  return pieces.join("");
}

/** Without the white space that HTTP has around a header's value. What else a text may begin with is part of it. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  const isBlank = (index: number): boolean => text[index] === " " || text[index] === "\t";
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** Reads a line `Name: value`; `undefined` for another. */
export function headerOf(line: string): readonly [name: string, value: string] | undefined {
  const colon = line.indexOf(":");
  return colon < 1 ? undefined : [trimmed(line.slice(0, colon)), trimmed(line.slice(colon + 1))];
}

/** Where the head ends, at the first empty line. Lines that were written by hand may end without CR. */
function splitHead(file: Uint8Array): { lines: readonly string[]; rest: Uint8Array } {
  const lines: string[] = [];
  let start = 0;
  while (start < file.length) {
    const feed = file.indexOf(0x0a, start);
    const next = feed < 0 ? file.length : feed + 1;
    const end = feed < 0 ? file.length : feed;
    const line = latin1(file.subarray(start, end)).replace(/\r$/, "");
    start = next;
    if (line === "") break;
    lines.push(line);
  }
  return { lines, rest: file.subarray(start) };
}

/**
 * Takes a `.http` file apart: the lines of its head, an empty line, and as many bytes as `Content-Length` says; without
 * it, or with fewer bytes there, all that follow.
 */
export function httpParts(file: Uint8Array): HttpParts {
  const { lines, rest } = splitHead(file);
  const length = lines
    .map(headerOf)
    .find((header) => header?.[0].toLowerCase() === "content-length")?.[1];
  const announced = length !== undefined && /^\d+$/.test(length) ? Number(length) : rest.length;
  return { lines, body: rest.subarray(0, announced), surplus: rest.length - announced };
}
