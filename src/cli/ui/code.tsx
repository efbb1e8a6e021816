import { useState } from "preact/hooks";
import { Scroller } from "./scroller.js";
import { type JsonToken, jsonTokens } from "./text/json-tokens.js";
import { showUnseen } from "./text/unseen.js";

// What a page shows without delay; the rest on request.
const mostCharacters = 100_000;

/** Text as it is, with whatever would go unseen written out. */
export function PlainText({ text }: { readonly text: string }) {
  return (
    <>
      {showUnseen(text).map(({ text: piece, unseen }) =>
        unseen ? <span class="unseen">{piece}</span> : piece,
      )}
    </>
  );
}

/** JSON in colours. */
export function JsonText({ tokens }: { readonly tokens: readonly JsonToken[] }) {
  return (
    <>
      {tokens.map(({ kind, text }) =>
        kind === "space" || kind === "punctuation" ? (
          text
        ) : (
          <span class={`json-${kind}`}>
            <PlainText text={text} />
          </span>
        ),
      )}
    </>
  );
}

function cut(tokens: readonly JsonToken[], most: number): readonly JsonToken[] {
  let length = 0;
  const end = tokens.findIndex((token) => {
    length += token.text.length;
    return length > most;
  });
  if (end < 0) return tokens;
  const last = tokens[end] ?? { kind: "other", text: "" };
  const room = most - (length - last.text.length);
  return [...tokens.slice(0, end), { kind: last.kind, text: last.text.slice(0, room) }];
}

/** A block of text that can be scrolled, cut short where it would make the page slow. */
export function Code(props: {
  readonly label: string;
  readonly tokens?: readonly JsonToken[];
  readonly text?: string;
  readonly wrap?: boolean;
}) {
  const { label, tokens, text = "", wrap = false } = props;
  const [all, setAll] = useState(false);
  const length = tokens?.reduce((sum, token) => sum + token.text.length, 0) ?? text.length;
  const most = all ? Number.POSITIVE_INFINITY : mostCharacters;
  return (
    <>
      <Scroller label={label} wrap={wrap}>
        {tokens ? (
          <JsonText tokens={cut(tokens, most)} />
        ) : (
          <PlainText text={text.slice(0, most)} />
        )}
      </Scroller>
      {length > most && (
        <button type="button" class="button more" onClick={() => setAll(true)}>
          Show all {length.toLocaleString("en")} characters
        </button>
      )}
    </>
  );
}

/** Any value as indented JSON. */
export function JsonValue({ label, value }: { readonly label: string; readonly value: unknown }) {
  return <Code label={label} tokens={jsonTokens(JSON.stringify(value, null, 2) ?? "undefined")} />;
}
