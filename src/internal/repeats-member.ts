/**
 * Whether an object in a valid JSON text has two members of one name. `JSON.parse` takes the last of them; another
 * reader of the same text may take the first, and then the two disagree on what it says.
 */
export function repeatsMember(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token] of json.matchAll(/[{}]|"(?:[^"\\]|\\.)*"(?:\s*:)?/g)) {
    if (token === "{") {
      open.push(new Set());
    } else if (token === "}") {
      open.pop();
    } else if (token.endsWith(":")) {
      // Parsed, since one name can be written in several ways.
      const name: string = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1));
      const names = open.at(-1) as Set<string>;
      if (names.has(name)) return true;
      names.add(name);
    }
  }
  return false;
}
