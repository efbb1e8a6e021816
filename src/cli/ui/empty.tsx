import { Action } from "./action.js";
import { copyText } from "./clipboard.js";
import type { Connection } from "./live.js";
import { Scroller } from "./scroller.js";
import type { ReceivesView } from "./wire.js";

/** What the page says before the first delivery: how to get one. */
export function Empty(props: {
  readonly connection: Connection;
  readonly receives?: ReceivesView;
}) {
  const { connection, receives } = props;
  if (connection === "connecting") return <main class="empty" aria-busy="true" />;
  const command = receives?.command ?? `curl --data '{"status":"test"}' ${receives?.url ?? "URL"}`;
  return (
    <main class="empty">
      <h2>Nothing has arrived yet</h2>
      <p>Deliveries appear here as they come. Send a first one from another terminal:</p>
      <div class="command">
        <Scroller label="Command" wrap>
          {command}
        </Scroller>
        <Action
          label="Copy"
          done="Copied"
          run={async () =>
            (await copyText(command)) ? undefined : "The browser does not allow it"
          }
        />
      </div>
      <p class="quiet">
        {receives !== undefined && receives.command === undefined && (
          <>
            No sender was named, so deliveries are kept but not verified: end the command, and name
            one.{" "}
          </>
        )}
        Or have your provider deliver here: give its dashboard the public address of a tunnel
        {receives !== undefined && <> to {receives.url}</>}. A delivery that is refused shows up
        too, with the reason.
      </p>
    </main>
  );
}
