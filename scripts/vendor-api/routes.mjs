// Holds a request to the documents before a vendor's own code sees it: path, method, key, query, content type, JSON.

import { refusal } from "./answers.mjs";

function queryProblem(route, { search }) {
  const seen = new Set();
  for (const [name, value] of search) {
    if (!(route.query ?? []).includes(name)) return `unknown query parameter ${name}`;
    if (seen.has(name)) return `query parameter ${name} given twice`;
    if (value === "") return `query parameter ${name} is empty`;
    seen.add(name);
  }
  return undefined;
}

const isJson = (type) => /^application\/json(?:\s*;|$)/i.test(type ?? "");

/** The parsed body as `{ value }`, or `{ problem }`. */
function bodyOf(route, { headers, body }) {
  const wanted = route.body ?? "none";
  if (body === "" && wanted !== "json") return {};
  if (wanted === "none") return { problem: "this call has no body" };
  if (!isJson(headers["content-type"])) return { problem: "content-type must be application/json" };
  try {
    return { value: JSON.parse(body) };
  } catch {
    return { problem: "the body is not JSON" };
  }
}

/**
 * Answers a request `{ method, path, search, query, headers, body }` by the contracts of `vendors`.
 *
 * A vendor is `{ authorized(headers), routes }`; a route is `{ method, path, query?, body?, run }`, where `path` is a
 * regular expression whose groups `run` receives, and `body` is `json`, `optional` or, by default, `none`.
 */
export function carryOut(vendors, request, options) {
  for (const { authorized, routes } of vendors) {
    const there = routes.filter(({ path }) => path.test(request.path));
    if (there.length === 0) continue;
    const route = there.find(({ method }) => method === request.method);
    if (!route) {
      const allow = there.map(({ method }) => method).join(", ");
      return refusal(405, "method not allowed", { allow });
    }
    if (!authorized(request.headers)) return refusal(401, "unauthorized");
    const problem = queryProblem(route, request);
    if (problem) return refusal(400, problem);
    const body = bodyOf(route, request);
    if (body.problem) return refusal(400, body.problem);
    const [, ...params] = route.path.exec(request.path);
    return route.run({ params, query: request.query, body: body.value, ...options });
  }
  return refusal(404, "not found");
}
