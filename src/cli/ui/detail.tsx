import type { ComponentChildren } from "preact";
import { Badge } from "./badge.js";
import { Body } from "./body.js";
import { JsonValue } from "./code.js";
import { Findings } from "./findings.js";
import { sizeText } from "./text/bytes.js";
import type { DeliveryView } from "./view.js";

function Section(props: {
  readonly title: string;
  readonly note?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="card" aria-label={props.title}>
      <h3>
        {props.title}
        {props.note !== undefined && <span class="note">{props.note}</span>}
      </h3>
      {props.children}
    </section>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string | undefined])[] }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Forwarding({ forwarded }: { readonly forwarded: NonNullable<DeliveryView["forwarded"]> }) {
  const { status, ms, error } = forwarded;
  const answer =
    status === undefined ? "the app could not be reached" : `the app answered ${status}`;
  return (
    <p class={status !== undefined && status < 400 ? "forwarded" : "forwarded forwarded-failed"}>
      Forwarded: {answer} after {Math.round(ms)} ms{error !== undefined && `: ${error}`}
    </p>
  );
}

/** Everything about one delivery. */
export function Detail(props: {
  readonly delivery: DeliveryView;
  /** What can be done with it. */
  readonly actions?: ComponentChildren;
  /** What the time of a delivery is here. @default "Received" */
  readonly timeLabel?: string;
}) {
  const { delivery, actions, timeLabel = "Received" } = props;
  const { message, outcome, verdict, headers, body } = delivery;
  return (
    <article class="detail" aria-label="Delivery">
      <header class="detail-head">
        <div class="detail-title">
          <Badge verdict={verdict} />
          <h2>{message?.type ?? outcome.code ?? outcome.kind}</h2>
        </div>
        <Facts
          facts={[
            ["Provider", delivery.provider],
            [timeLabel, new Date(delivery.receivedAt).toLocaleString()],
            ["Request", delivery.path && `${delivery.method} ${delivery.path}`],
            ["Answered", `${outcome.status} ${outcome.kind}`],
            ["Size", sizeText(body.length)],
            ["Replay of", delivery.replayOf],
            ["Stored as", delivery.file],
          ]}
        />
        {actions !== undefined && <div class="actions">{actions}</div>}
        {delivery.forwarded !== undefined && <Forwarding forwarded={delivery.forwarded} />}
      </header>
      <Findings delivery={delivery} />
      {message !== undefined && (
        <Section title="Message" note="as parsed">
          <Facts
            facts={[
              ["Type", message.type],
              ["Decision", message.decision],
              ["Subject", message.subject],
              ["Id", message.id],
              ["Occurred", message.occurredAt],
            ]}
          />
          <JsonValue label="Event" value={message.event} />
        </Section>
      )}
      <Section title="Body" note={sizeText(body.length)}>
        <Body key={delivery.id} delivery={delivery} />
      </Section>
      <Section title="Headers" note={String(headers.length)}>
        <table class="headers">
          <tbody>
            {headers.map(([name, value]) => (
              <tr>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
    </article>
  );
}
