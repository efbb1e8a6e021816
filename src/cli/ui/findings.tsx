import type { DeliveryView } from "./view.js";

/** Why a delivery was refused: the error, what explains it, and what to change. */
export function Findings({ delivery }: { readonly delivery: DeliveryView }) {
  const { findings, outcome, verdict } = delivery;
  const { code, message, issues = [] } = outcome;
  if (code === undefined && findings.length === 0) return null;
  return (
    <section class={`card verdict verdict-${verdict}`} aria-label="Diagnosis">
      {findings.map((finding, index) => (
        <div class="finding" key={finding.code}>
          <h3>
            {index > 0 && <span class="note">perhaps also</span>}
            {finding.summary} <code class="code-name">{finding.code}</code>
          </h3>
          <p>
            <strong>Fix</strong> {finding.fix}
          </p>
        </div>
      ))}
      {verdict === "unexplained" && (
        <div class="finding">
          <h3>No known mistake explains this.</h3>
          <p>
            <strong>Check</strong> that the secret is the one of this very endpoint. If it is,
            somebody else has sent this.
          </p>
        </div>
      )}
      {code !== undefined && (
        <p class="error">
          <code class="code-name">{code}</code> {message}
        </p>
      )}
      {issues.length > 0 && (
        <ul class="issues">
          {issues.map(({ path, expected }) => (
            <li key={path}>
              <code>{path || "the event"}</code> expected {expected}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
