import type { Answer } from "./post-exactly.js";
import { printable } from "./printable.js";
import { paint } from "./terminal.js";

/** Whether a sender takes the answer for a success. */
export function isAccepted({ status }: Pick<Answer, "status">): boolean {
  return status >= 200 && status < 300;
}

const meanings: Readonly<Record<number, string>> = {
  400: "the request or its body cannot be read",
  401: "refused: not taken for authentic",
  403: "refused",
  404: "there is no route at this path",
  405: "the route does not take POST",
  409: "in progress elsewhere: a sender tries again",
  410: "gone: some senders stop for good",
  413: "the body is too large",
  415: "a form of body that is not taken",
  422: "authentic, but the event does not fit",
};

function meaningOf({ status }: Pick<Answer, "status">): string {
  if (status >= 200 && status < 300) return "accepted";
  if (status >= 300 && status < 400) return "redirects: most senders take that for a failure";
  return meanings[status] ?? (status >= 500 ? "failed: a sender tries again" : "refused");
}

/** An answer in one line: status, what a sender makes of it, and how long it took. */
export function answerLine(answer: Answer): string {
  const style = isAccepted(answer) ? "green" : "red";
  const status = `${answer.status} ${printable(answer.statusText, 40)}`.trim();
  return `${paint(style, status)}  ${meaningOf(answer)}  ${paint("dim", `${answer.ms} ms`)}`;
}
