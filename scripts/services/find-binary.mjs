import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first of the folders, by default of those in PATH, that has a command of this name. */
export function findBinary(name, folders = (process.env.PATH ?? "").split(delimiter)) {
  for (const folder of folders) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}
