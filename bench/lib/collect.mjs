// Collects garbage, in runtimes that were started so that they can be asked to.

export const collect = () => {
  if (typeof globalThis.gc === "function") globalThis.gc();
  else globalThis.Bun?.gc(true);
};
