import type { Ref } from "preact";
import type { Filter } from "./text/filter.js";
import type { DeliverySummary } from "./view.js";

function Choice(props: {
  readonly label: string;
  readonly all: string;
  readonly value: string;
  readonly values: readonly string[];
  readonly onChange: (value: string) => void;
}) {
  const { label, all, value, values, onChange } = props;
  // What is chosen stays in the list when the last delivery of its kind has gone.
  const options = [...new Set([...values, value])].filter(Boolean).sort();
  return (
    <select
      aria-label={label}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      <option value="">{all}</option>
      {options.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}

/** The fields that narrow the list down. */
export function Filters(props: {
  readonly filter: Filter;
  readonly deliveries: readonly DeliverySummary[];
  readonly onChange: (filter: Filter) => void;
  /** From the field to the first row. */
  readonly onLeave: () => void;
  readonly field: Ref<HTMLInputElement>;
}) {
  const { filter, deliveries, onChange, onLeave, field } = props;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") onLeave();
    else if (event.key === "Escape" && filter.text !== "") onChange({ ...filter, text: "" });
    else if (event.key === "Escape") onLeave();
    else return;
    event.preventDefault();
  };
  return (
    <search class="filters" aria-label="Filter deliveries">
      <input
        type="search"
        ref={field}
        aria-label="Filter by text"
        aria-keyshortcuts="/"
        placeholder="Filter   ( / )"
        autocomplete="off"
        spellcheck={false}
        value={filter.text}
        onInput={({ currentTarget }) => onChange({ ...filter, text: currentTarget.value })}
        onKeyDown={onKeyDown}
      />
      <Choice
        label="Filter by verdict"
        all="Any verdict"
        value={filter.verdict}
        values={deliveries.map(({ verdict }) => verdict)}
        onChange={(verdict) => onChange({ ...filter, verdict })}
      />
      <Choice
        label="Filter by provider"
        all="Any provider"
        value={filter.provider}
        values={deliveries.map(({ provider }) => provider)}
        onChange={(provider) => onChange({ ...filter, provider })}
      />
    </search>
  );
}
