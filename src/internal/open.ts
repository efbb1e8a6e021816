/**
 * An enumeration that the vendor may extend: the known words complete in an editor, and any other text is allowed.
 */
export type Open<Known extends string> = Known | (string & {});
