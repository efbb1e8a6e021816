import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { PlainText } from "./code.js";
import { Scroller } from "./scroller.js";
import { type Change, difference } from "./text/difference.js";
import { jsonTokens } from "./text/json-tokens.js";
import { type Writing, writingsOf } from "./text/writings.js";
import type { DeliveryView } from "./view.js";

const contextCharacters = 60;

/** Space that differs is what is looked for, so it must be seen. */
function visibleSpace(text: string): string {
  return text.replaceAll(" ", "·").replaceAll("\t", "→\t").replaceAll("\n", "↵\n");
}

function Same({ text, isFirst, isLast }: { text: string; isFirst: boolean; isLast: boolean }) {
  if (text.length <= 3 * contextCharacters) return <PlainText text={text} />;
  const [head, tail] = [isFirst ? 0 : contextCharacters, isLast ? 0 : contextCharacters];
  return (
    <>
      <PlainText text={text.slice(0, head)} />
      <span class="skipped">{` ${(text.length - head - tail).toLocaleString("en")} characters alike `}</span>
      <PlainText text={text.slice(text.length - tail)} />
    </>
  );
}

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <>
      {changes.slice(0, 2000).map(({ kind, text }, index) => {
        if (kind === "same") {
          const isLast = index === changes.length - 1;
          return <Same text={text} isFirst={index === 0} isLast={isLast} />;
        }
        const shown = <PlainText text={visibleSpace(text)} />;
        return kind === "removed" ? <del>{shown}</del> : <ins>{shown}</ins>;
      })}
      {changes.length > 2000 && <span class="skipped"> and so on </span>}
    </>
  );
}

const piecesOf = (text: string): readonly string[] => jsonTokens(text).map((token) => token.text);

/** A body as received beside ways in which the same may have been written, with what differs marked. */
export function Comparison(props: { readonly delivery: DeliveryView; readonly text: string }) {
  const { delivery, text } = props;
  const { body, findings } = delivery;
  const [writings, setWritings] = useState<readonly Writing[]>();
  const [chosen, setChosen] = useState(0);
  const select = useId();
  useEffect(() => {
    let isWanted = true;
    writingsOf(body, findings).then((found) => isWanted && setWritings(found));
    return () => {
      isWanted = false;
    };
  }, [body, findings]);
  const writing = writings?.[chosen];
  const changes = useMemo(
    () => (writing === undefined ? [] : difference(piecesOf(text), piecesOf(writing.text))),
    [text, writing],
  );
  if (writings === undefined) return null;
  if (writing === undefined) {
    return <p class="quiet">There is no other way to write this body that is usual.</p>;
  }
  return (
    <>
      <div class="compare-head">
        <label for={select}>Received, beside</label>
        <select
          id={select}
          value={String(chosen)}
          onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}
        >
          {writings.map(({ title, fits }, index) => (
            <option key={title} value={String(index)}>
              {title}
              {fits && " (fits the signature)"}
            </option>
          ))}
        </select>
        <span class="legend">
          <del>only as received</del> <ins>only in the other</ins>
        </span>
      </div>
      <Scroller label="Differences" wrap>
        <Changes changes={changes} />
      </Scroller>
    </>
  );
}
