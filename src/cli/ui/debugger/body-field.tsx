import { fromBase64, sizeText, toBase64, utf8Bytes, utf8Text } from "../text/bytes.js";
import { Labelled } from "./fields.js";

/** A body as it is given: written, in base64, or a file. */
export type GivenBody =
  | { readonly form: "text" | "base64"; readonly text: string }
  | { readonly form: "file"; readonly name: string; readonly bytes: Uint8Array };

/** The bytes of a body. @throws {SyntaxError} */
export function bytesOf(body: GivenBody): Uint8Array {
  if (body.form === "file") return body.bytes;
  if (body.form === "text") return utf8Bytes(body.text);
  const bytes = fromBase64(body.text);
  if (bytes === undefined) throw new SyntaxError("The body is not base64.");
  return bytes;
}

/** Bytes in the form in which a field can show and keep them: a text field would change each CR. */
export function givenBody(bytes: Uint8Array): GivenBody {
  const text = utf8Text(bytes);
  return text === undefined || text.includes("\r")
    ? { form: "base64", text: toBase64(bytes) }
    : { form: "text", text };
}

const forms = { text: "Text", base64: "Base64", file: "File" } as const;

/** Where the body is given. */
export function BodyField(props: {
  readonly body: GivenBody;
  readonly onChange: (body: GivenBody) => void;
}) {
  const { body, onChange } = props;
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    onChange({ form: "file", name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  };
  const choose = (form: keyof typeof forms) => {
    if (form === body.form) return;
    if (form === "file") onChange({ form, name: "", bytes: new Uint8Array() });
    else onChange({ form, text: body.form === "file" ? "" : body.text });
  };
  return (
    <>
      <div class="field-row" role="radiogroup" aria-label="The body is given as">
        {Object.entries(forms).map(([form, title]) => (
          <label key={form} class="choice">
            <input
              type="radio"
              name="body-form"
              value={form}
              checked={body.form === form}
              onChange={() => choose(form as keyof typeof forms)}
            />
            {title}
          </label>
        ))}
      </div>
      {body.form === "file" ? (
        <Labelled
          label="Body"
          help={
            body.bytes.length > 0
              ? `${body.name}: ${sizeText(body.bytes.length)}, as they are`
              : "Its bytes, as they are"
          }
        >
          {(ids) => (
            <input
              {...ids}
              type="file"
              onChange={({ currentTarget }) => take(currentTarget.files?.[0])}
            />
          )}
        </Labelled>
      ) : (
        <Labelled
          label="Body"
          help={
            body.form === "text"
              ? "A text field makes every CRLF a LF. Where that might matter, give base64 or a file."
              : "The alphabet of URLs will do as well"
          }
        >
          {(ids) => (
            <textarea
              {...ids}
              rows={7}
              spellcheck={false}
              value={body.text}
              onInput={({ currentTarget }) =>
                onChange({ form: body.form, text: currentTarget.value })
              }
            />
          )}
        </Labelled>
      )}
    </>
  );
}
