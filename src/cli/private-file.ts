import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";

/**
 * Opens a file that is about to hold secrets. One that is there already loses what others may do with it, and a symbolic
 * link is not followed: both may have been put there to have the secret.
 */
function open(path: string): number {
  // Not everywhere there are such links, and then not the flag either.
  const noLink = constants.O_NOFOLLOW ?? 0;
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | noLink, 0o600);
  try {
    const stat = fstatSync(file);
    // A device such as /dev/null is everybody's.
    if (stat.isFile() && (stat.mode & 0o077) !== 0) fchmodSync(file, 0o600);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function replace(file: number, content: Uint8Array): void {
  if (fstatSync(file).isFile()) ftruncateSync(file);
  for (let done = 0; done < content.length; ) {
    done += writeSync(file, content, done, content.length - done, done);
  }
}

/** Writes a file that nobody else can read. Follows no symbolic link: throws `ELOOP`. */
export function writePrivate(path: string, content: Uint8Array): void {
  const file = open(path);
  try {
    replace(file, content);
  } finally {
    closeSync(file);
  }
}

/** Sees that a file has something in it, and that nobody else can read it. Follows no symbolic link: throws `ELOOP`. */
export function fillPrivate(path: string, make: () => string): void {
  const file = open(path);
  try {
    if (readFileSync(file, "utf8").trim() === "") replace(file, Buffer.from(make()));
  } finally {
    closeSync(file);
  }
}
