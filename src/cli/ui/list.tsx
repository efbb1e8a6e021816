import { useEffect, useRef } from "preact/hooks";
import { Badge } from "./badge.js";
import { sizeText } from "./text/bytes.js";
import type { DeliverySummary } from "./view.js";

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

function moved(key: string, index: number, last: number): number | undefined {
  if (key === "ArrowDown" || key === "j") return Math.min(index + 1, last);
  if (key === "ArrowUp" || key === "k") return Math.max(index - 1, 0);
  if (key === "Home") return 0;
  return key === "End" ? last : undefined;
}

function Row(props: {
  readonly delivery: DeliverySummary;
  readonly isCurrent: boolean;
  readonly isReachable: boolean;
  readonly onChoose: () => void;
}) {
  const { delivery, isCurrent, isReachable, onChoose } = props;
  const { receivedAt, verdict, provider, type, code, about, bytes, status, path, replayOf } =
    delivery;
  return (
    <li>
      <button
        type="button"
        class="row"
        data-id={delivery.id}
        aria-current={isCurrent}
        tabIndex={isReachable ? 0 : -1}
        onClick={onChoose}
      >
        <span class="row-line">
          <span class="row-type">
            {type ?? code ?? path} <span class="row-about">{about}</span>
          </span>
          <span class={status < 400 ? "status" : "status status-bad"}>{status}</span>
        </span>
        <span class="row-line row-small">
          <Badge verdict={verdict} />
          <span class="row-provider">
            {provider}
            {replayOf !== undefined && " · replay"}
          </span>
          <span class="row-size">{sizeText(bytes)}</span>
          <time dateTime={receivedAt} title={receivedAt}>
            {time.format(new Date(receivedAt))}
          </time>
        </span>
      </button>
    </li>
  );
}

/** The deliveries, newest first. One of them can be tabbed to; arrow keys move between them. */
export function List(props: {
  readonly deliveries: readonly DeliverySummary[];
  readonly current: string | undefined;
  readonly onChoose: (id: string) => void;
  /** Whether the keys reached the row that they chose: a phone goes to the delivery only when it is asked for. */
  readonly onMove: (id: string) => void;
}) {
  const { deliveries, current, onChoose, onMove } = props;
  const list = useRef<HTMLOListElement>(null);
  const index = deliveries.findIndex(({ id }) => id === current);
  useEffect(() => {
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = moved(event.key, index, deliveries.length - 1);
    const delivery = target === undefined ? undefined : deliveries[target];
    if (delivery === undefined) return;
    event.preventDefault();
    onMove(delivery.id);
    const row = `[data-id="${CSS.escape(delivery.id)}"]`;
    list.current?.querySelector<HTMLElement>(row)?.focus();
  };
  return (
    <ol class="list" aria-label="Deliveries" ref={list} onKeyDown={onKeyDown}>
      {deliveries.map((delivery, position) => (
        <Row
          key={delivery.id}
          delivery={delivery}
          isCurrent={delivery.id === current}
          isReachable={position === Math.max(index, 0)}
          onChoose={() => onChoose(delivery.id)}
        />
      ))}
    </ol>
  );
}
