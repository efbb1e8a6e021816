import { isWebhookError } from "../errors.js";
import type { Now } from "../internal/clock.js";
import type { AsyncScheme, Scheme } from "../scheme.js";
import type { Clue } from "./findings.js";
import type { Pairs } from "./pairs.js";
import { attempt } from "./proof.js";
import { refusalOf, type Try } from "./refusal.js";

/** A span of time in words. */
export function spanOf(seconds: number): string {
  const units = [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [name, size] = units.find(([, length]) => seconds >= length) ?? ["second", 1];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/** How far the clock is from a signed time, where that can be told. */
function distance(seconds: number | undefined, now: Now | undefined): number {
  const time = (now ?? Date.now)();
  return seconds === undefined ? Number.NaN : Math.floor(time / 1000) - seconds;
}

/** What the clock says of a delivery that is right but for its time. `undefined`: it is refused for another reason. */
export async function timeClues(
  scheme: Scheme | AsyncScheme,
  one: Try,
  seconds: number | undefined,
  now: Now | undefined,
): Promise<readonly Clue[] | undefined> {
  let code: string | undefined;
  let claim: unknown;
  try {
    const refusal = await refusalOf(scheme, one, now);
    if (refusal === undefined) return [];
    code = refusal.code;
    claim = refusal.details.claim;
  } catch (error) {
    if (!isWebhookError(error)) return undefined;
  }
  const away = distance(seconds, now);
  if (code === "timestamp_too_old" || code === "token_expired") {
    const what = code === "token_expired" ? "its token expired" : "it was signed";
    const ago = away > 0 ? `${spanOf(away)} before the clock's time` : "too long ago";
    return [{ code: "delivery_stale", how: `${what} ${ago}` }];
  }
  if (code === "timestamp_too_new" || claim === "nbf" || claim === "iat") {
    if (now !== undefined && seconds !== undefined && Math.abs(now() - seconds) < 86_400) {
      const how = "the clock given as now counts seconds";
      return [{ code: "timestamp_milliseconds", how }];
    }
    const ahead = away < 0 ? `${spanOf(-away)} after the clock's time` : "after the clock's time";
    return [{ code: "clock_skew", how: `it was signed ${ahead}` }];
  }
  return undefined;
}

/** The times that a token (JWT) names, in seconds. Not proven: they say when to look, and no more. */
export function tokenTimes(pairs: Pairs): { readonly ends?: number; readonly begins?: number } {
  const value = pairs.find(([name]) => name === "authorization")?.[1] ?? "";
  const payload = value.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "";
  const claims = attempt(() => JSON.parse(atob(payload)) as Record<string, unknown>) ?? {};
  const time = (name: string) =>
    typeof claims[name] === "number" && Number.isFinite(claims[name]) ? [claims[name]] : [];
  const [ends] = time("exp");
  const begins = Math.max(...time("iat"), ...time("nbf"));
  return {
    ...(ends === undefined ? {} : { ends }),
    ...(Number.isFinite(begins) ? { begins } : {}),
  };
}
