import { useState } from "preact/hooks";
import { Code } from "./code.js";
import { Comparison } from "./comparison.js";
import { Scroller } from "./scroller.js";
import { type Tab, Tabs } from "./tabs.js";
import { sizeText, utf8Text } from "./text/bytes.js";
import { hexRows } from "./text/hex-rows.js";
import { indentJson, isIndentable } from "./text/indent-json.js";
import { isJson } from "./text/json-tokens.js";
import type { DeliveryView } from "./view.js";

const rowsAtATime = 256;

function Bytes({ body }: { readonly body: Uint8Array }) {
  const [rows, setRows] = useState(rowsAtATime);
  return (
    <>
      <Scroller label="Bytes of the body">
        {hexRows(body, rows * 16).map(({ offset, hex, text }) => (
          <div key={offset}>
            <span class="hex-offset">{offset}</span>
            {`  ${hex.padEnd(50)}`}
            <span class="hex-text">{text}</span>
          </div>
        ))}
      </Scroller>
      {body.length > rows * 16 && (
        <button type="button" class="button more" onClick={() => setRows(rows * 8)}>
          Show more of {sizeText(body.length)}
        </button>
      )}
    </>
  );
}

/** A body in the views that help to understand it. */
export function Body({ delivery }: { readonly delivery: DeliveryView }) {
  const { body, findings } = delivery;
  const text = utf8Text(body);
  if (body.length === 0) return <p class="quiet">The body is empty.</p>;
  const changed = findings.some(({ code }) => code.startsWith("body_"));
  const tabs: Tab[] = [{ id: "bytes", title: "Bytes", show: () => <Bytes body={body} /> }];
  if (text !== undefined) {
    tabs.unshift({
      id: "raw",
      title: "As received",
      show: () => <Code label="Body as received" text={text} wrap />,
    });
    if (isIndentable(text) && isJson(text)) {
      tabs.unshift({
        id: "pretty",
        title: "Pretty",
        show: () => <Code label="Body, indented" tokens={indentJson(text)} />,
      });
    }
    // Nothing to compare in a body that is proven to be what was sent.
    if (delivery.verdict !== "authentic" && delivery.verdict !== "captured") {
      const show = () => <Comparison delivery={delivery} text={text} />;
      tabs.push({ id: "compare", title: "Compare", show });
    }
  }
  const hasComparison = tabs.some(({ id }) => id === "compare");
  return (
    <>
      {text === undefined && <p class="quiet">Not UTF-8, so only its bytes can be shown.</p>}
      <Tabs
        label="Views of the body"
        tabs={tabs}
        first={changed && hasComparison ? "compare" : (tabs[0]?.id ?? "bytes")}
      />
    </>
  );
}
