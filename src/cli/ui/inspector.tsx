import { render } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Action } from "./action.js";
import { HttpActions } from "./actions.js";
import { Detail } from "./detail.js";
import { Empty } from "./empty.js";
import { Filters } from "./filters.js";
import { useInspector } from "./inspector-state.js";
import { List } from "./list.js";
import { replay } from "./live.js";
import { Mark } from "./mark.js";
import { noFilter, passes } from "./text/filter.js";
import { ThemeToggle } from "./theme.js";
import { useDelivery } from "./use-delivery.js";

const connections = { connecting: "connecting", live: "live", lost: "reconnecting" } as const;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input, select, textarea");
}

function Inspector() {
  const { connection, deliveries, receives } = useInspector();
  const [filter, setFilter] = useState(noFilter);
  const [chosen, setChosen] = useState<string>();
  // On a phone there is room for one: the list, until a delivery is asked for.
  const [isOpen, setOpen] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const pane = useRef<HTMLElement>(null);
  const shown = useMemo(
    () => deliveries.filter((one) => passes(one, filter)),
    [deliveries, filter],
  );
  // Until one is chosen, the newest is shown.
  const summary = shown.find(({ id }) => id === chosen) ?? shown[0];
  const loaded = useDelivery(summary);
  const focusList = () => document.querySelector<HTMLElement>(".row[tabindex='0']")?.focus();

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "/" && !isTyping(event.target)) {
        event.preventDefault();
        setOpen(false);
        // On a phone the field is only there once the list is.
        setTimeout(() => field.current?.focus());
      } else if (event.key === "Escape" && !isTyping(event.target)) {
        setOpen(false);
        setTimeout(focusList);
      }
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  useEffect(() => pane.current?.scrollTo(0, 0), [summary?.id]);

  const open = (id: string) => {
    setChosen(id);
    setOpen(true);
  };
  const newest = deliveries[0];
  return (
    <div class={isOpen ? "app app-open" : "app"}>
      <header class="bar">
        <Mark title="inspector" />
        <span class={`connection connection-${connection}`} role="status">
          {connections[connection]}
        </span>
        <ThemeToggle />
      </header>
      <p class="off-screen" role="status">
        {newest &&
          `${newest.provider}: ${newest.type ?? newest.code ?? newest.path}, ${newest.verdict}`}
      </p>
      {deliveries.length === 0 ? (
        <Empty connection={connection} {...(receives === undefined ? {} : { receives })} />
      ) : (
        <>
          <nav class="side" aria-label="Captured deliveries">
            <Filters
              filter={filter}
              deliveries={deliveries}
              onChange={setFilter}
              onLeave={focusList}
              field={field}
            />
            <p class="count" role="status">
              {shown.length === deliveries.length
                ? `${deliveries.length} captured`
                : `${shown.length} of ${deliveries.length}`}
            </p>
            {shown.length === 0 ? (
              <p class="quiet side-empty">
                None of them fits.{" "}
                <button type="button" class="link" onClick={() => setFilter(noFilter)}>
                  Clear the filter
                </button>
              </p>
            ) : (
              <List deliveries={shown} current={summary?.id} onChoose={open} onMove={setChosen} />
            )}
          </nav>
          <main class="pane" ref={pane} tabIndex={-1}>
            <button type="button" class="button back" onClick={() => setOpen(false)}>
              ← All deliveries
            </button>
            {typeof loaded === "string" && <p class="quiet">{loaded}</p>}
            {typeof loaded === "object" && (
              <Detail
                delivery={loaded}
                actions={
                  <>
                    <Action
                      key={`replay-${loaded.id}`}
                      label="Replay"
                      done="Replayed"
                      primary
                      title="Receive the same bytes once more"
                      run={async () => {
                        const answer = await replay(loaded.id);
                        if ("error" in answer) return answer.error;
                        setChosen(answer.id);
                        return undefined;
                      }}
                    />
                    <HttpActions key={`http-${loaded.id}`} delivery={loaded} />
                  </>
                }
              />
            )}
          </main>
        </>
      )}
    </div>
  );
}

const root = document.querySelector("#app");
if (root !== null) render(<Inspector />, root);
