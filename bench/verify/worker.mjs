// In workerd, whose clock stands still while code runs: what calls it measures the time.

import { openSession } from "./session.mjs";

let session;

async function answer(path, parameters) {
  session ??= await openSession();
  if (path === "/prepare") return session.prepare(Number(parameters.get("size")));
  if (path === "/run") {
    const iterations = Number(parameters.get("iterations"));
    if (iterations > 0) await session.run(parameters.get("name"), iterations);
    return true;
  }
  return session.leftOut;
}

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/collect") {
      globalThis.gc?.();
      return new Response("true");
    }
    return Response.json(await answer(pathname, searchParams));
  },
};
