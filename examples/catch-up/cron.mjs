// @ts-check
import { bringBack, pool } from "./receiver.mjs";

try {
  // Failed events are tried again by the next run. Exit 1 has the scheduler tell somebody.
  if ((await bringBack()) > 0) process.exitCode = 1;
} catch (error) {
  const { code, name } = /** @type {Error & { code?: string }} */ (error);
  console.error("not caught up:", code ?? name);
  process.exitCode = 1;
} finally {
  await pool.end();
}
