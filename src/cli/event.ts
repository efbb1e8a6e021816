import { usageFailure } from "./failure.js";
import { readInput } from "./files.js";
import { printable } from "./printable.js";
import type { Sender } from "./sender.js";

/** What is to be sent. */
export interface EventChoice {
  /** Of a sample. */
  readonly type?: string;
  /** A file with an event of the user's own. */
  readonly body?: string;
}

/** What is sent, and what to call it. */
export interface ChosenEvent {
  readonly name: string;
  readonly body: Uint8Array;
}

/** Reads the user's own event, or takes a sample and makes a new message of it. */
export async function chooseEvent(
  { samples, fresh, title }: Pick<Sender, "samples" | "fresh" | "title">,
  { type, body }: EventChoice,
): Promise<ChosenEvent> {
  if (body !== undefined) {
    if (type !== undefined) throw usageFailure("Give --type for a sample, or --body, not both.");
    return { name: body === "-" ? "the standard input" : body, body: await readInput(body) };
  }
  const names = Object.keys(samples);
  const name = type ?? names[0] ?? "";
  if (!names.includes(name)) {
    throw usageFailure(
      `${title} has no event ${printable(name, 40)}.`,
      `There are ${names.join(", ")}. Send one of your own with --body FILE.`,
    );
  }
  return { name, body: Buffer.from(JSON.stringify(fresh(samples[name] ?? {}))) };
}
