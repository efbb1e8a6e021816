import { Action } from "./action.js";
import { copyText, saveFile } from "./clipboard.js";
import { httpFile, httpText } from "./text/http-file.js";
import type { DeliveryView } from "./view.js";

/** Copies or saves a delivery as a `.http` file. */
export function HttpActions({ delivery }: { readonly delivery: DeliveryView }) {
  const text = httpText(delivery);
  return (
    <>
      <Action
        label="Copy as .http"
        done="Copied"
        disabled={text === undefined}
        {...(text === undefined ? { title: "Text cannot hold this body: save it instead" } : {})}
        run={async () =>
          (await copyText(text ?? ""))
            ? undefined
            : "The browser does not allow it: save it instead"
        }
      />
      <Action
        label="Save"
        done="Saved"
        title="Save as .http"
        run={async () => {
          saveFile(`${delivery.id || "delivery"}.http`, httpFile(delivery));
          return undefined;
        }}
      />
    </>
  );
}
