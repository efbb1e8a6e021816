import { type ExitCode, exitCodes } from "./exit-codes.js";

/** Why a command cannot do what it was asked for: one line in plain words, and what to do next. */
export interface Failure extends Error {
  readonly exitCode: ExitCode;
  readonly next?: string;
}

const failures = new WeakSet<object>();

function make(exitCode: ExitCode, message: string, next?: string): Failure {
  const failure = Object.assign(new Error(message), {
    exitCode,
    ...(next === undefined ? {} : { next }),
  });
  failures.add(failure);
  return failure;
}

/** An option, a file or a secret is missing or wrong. */
export const usageFailure = (message: string, next?: string): Failure =>
  make(exitCodes.usage, message, next);

/** A server could not be reached, or a port not be taken. */
export const networkFailure = (message: string, next?: string): Failure =>
  make(exitCodes.unreachable, message, next);

/** A server has refused, or has answered what it should not have. */
export const refusal = (message: string, next?: string): Failure =>
  make(exitCodes.refused, message, next);

/** Ctrl-C. */
export const interruption = (next?: string): Failure =>
  make(exitCodes.interrupted, "Interrupted.", next);

/** Tells our own failures from what something else threw. */
export function isFailure(value: unknown): value is Failure {
  return typeof value === "object" && value !== null && failures.has(value);
}
