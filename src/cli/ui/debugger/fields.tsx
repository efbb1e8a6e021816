import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { type Field, keyOf, type Values } from "./source.js";

/** A label, what it labels, and a word of help. */
export function Labelled(props: {
  readonly label: string;
  readonly help?: string;
  readonly children: (ids: { id: string; "aria-describedby"?: string }) => ComponentChildren;
}) {
  const id = useId();
  const help = `${id}-help`;
  const described = props.help === undefined ? {} : { "aria-describedby": help };
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({ id, ...described })}
      {props.help !== undefined && <small id={help}>{props.help}</small>}
    </div>
  );
}

function SecretsField(props: {
  readonly label: string;
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
}) {
  const { label, values, onChange } = props;
  const [isShown, setShown] = useState(false);
  // Hidden by its style, since a browser offers to keep what stands in a password field.
  return (
    <Labelled label={label}>
      {(ids) => (
        <>
          {values.map((value, index) => (
            <input
              key={index}
              {...(index === 0 ? ids : { "aria-label": `${label}, ${index + 1}` })}
              class={isShown ? undefined : "secret"}
              autocomplete="off"
              spellcheck={false}
              value={value}
              onInput={({ currentTarget }) =>
                onChange(values.map((old, at) => (at === index ? currentTarget.value : old)))
              }
            />
          ))}
          <span class="field-links">
            <button
              type="button"
              class="link"
              aria-pressed={isShown}
              onClick={() => setShown(!isShown)}
            >
              {isShown ? "Hide" : "Show"}
            </button>
            <button type="button" class="link" onClick={() => onChange([...values, ""])}>
              Another one
            </button>
          </span>
        </>
      )}
    </Labelled>
  );
}

/** The fields of a variant. */
export function Fields(props: {
  readonly fields: readonly Field[];
  readonly values: Values;
  readonly onChange: (values: Values) => void;
}) {
  const { fields, values, onChange } = props;
  return (
    <>
      {fields.map((field) => {
        const key = keyOf(field);
        const given = values[key] ?? [field.value ?? ""];
        const change = (texts: readonly string[]) => onChange({ ...values, [key]: texts });
        if (field.kind === "secrets") {
          return <SecretsField key={key} label={key} values={given} onChange={change} />;
        }
        const common = {
          value: given[0] ?? "",
          placeholder: field.placeholder ?? "",
          autocomplete: "off" as const,
          spellcheck: false,
        };
        return (
          <Labelled key={key} label={field.optional ? `${key} (optional)` : key}>
            {(ids) =>
              field.kind === "choice" ? (
                <select
                  {...ids}
                  value={common.value}
                  onChange={({ currentTarget }) => change([currentTarget.value])}
                >
                  {field.choices?.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              ) : field.kind === "json" && field.path[0] !== "toleranceSeconds" ? (
                <textarea
                  {...ids}
                  {...common}
                  onInput={({ currentTarget }) => change([currentTarget.value])}
                />
              ) : (
                <input
                  {...ids}
                  {...common}
                  onInput={({ currentTarget }) => change([currentTarget.value])}
                />
              )
            }
          </Labelled>
        );
      })}
    </>
  );
}
