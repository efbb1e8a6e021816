import { readFile } from "node:fs/promises";

const examples = new URL("../../examples/", import.meta.url);

/** What an example's README has its reader post without a signature. */
export async function readmePath(example: string): Promise<string> {
  const readme = await readFile(new URL(`${example}/README.md`, examples), "utf8");
  const [, path] = /^curl -i http:\/\/localhost:\d+(\/\S+) -d '\{\}'$/m.exec(readme) ?? [];
  if (path === undefined) throw new Error(`examples/${example}/README.md has no curl command`);
  return path;
}
