import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";

/** One of several views of the same thing. */
export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly show: () => ComponentChildren;
}

const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** Views of which one is shown; arrow keys move between them. */
export function Tabs(props: {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly first: string;
}) {
  const { label, tabs, first } = props;
  const [chosen, setChosen] = useState(first);
  const list = useRef<HTMLDivElement>(null);
  const prefix = useId();
  const index = Math.max(
    0,
    tabs.findIndex(({ id }) => id === chosen),
  );
  const current = tabs[index];
  const onKeyDown = (event: KeyboardEvent) => {
    const target =
      event.key === "Home"
        ? 0
        : event.key === "End"
          ? tabs.length - 1
          : index + (steps[event.key] ?? 0);
    const tab = tabs[(target + tabs.length) % tabs.length];
    if (tab === undefined || (target === index && !/^(?:Home|End)$/.test(event.key))) return;
    event.preventDefault();
    setChosen(tab.id);
    list.current?.querySelector<HTMLElement>(`[data-tab="${tab.id}"]`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            role="tab"
            class="tab"
            data-tab={id}
            id={`${prefix}-${id}`}
            aria-selected={id === current?.id}
            aria-controls={`${prefix}-panel`}
            tabIndex={id === current?.id ? 0 : -1}
            onClick={() => setChosen(id)}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${prefix}-panel`}
        aria-labelledby={`${prefix}-${current?.id}`}
        key={current?.id}
      >
        {current?.show()}
      </div>
    </>
  );
}
