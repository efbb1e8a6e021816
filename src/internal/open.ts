/**
 * An enumeration that the vendor may extend: the known words complete in an editor, and any other text is allowed.
 */
export type Open<Known extends string> = Known | (string & {});

/**
 * Names the known words of a schema of text. It goes on taking any text; the words are for whoever looks for new ones.
 *
 * @param schema A new one: the words are written on it.
 */
/* @__NO_SIDE_EFFECTS__ */
export function open<Schema extends object, const Word extends string>(
  schema: Schema,
  words: readonly Word[],
): Schema & { readonly _zod: { readonly input: Open<Word>; readonly output: Open<Word> } } {
  return Object.assign(schema, { words }) as never;
}
