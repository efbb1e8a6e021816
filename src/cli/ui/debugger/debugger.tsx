import { render } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";
import { isWebhookError } from "../../../errors.js";
import type { Provider } from "../../../provider.js";
import { HttpActions } from "../actions.js";
import { Detail } from "../detail.js";
import { Mark } from "../mark.js";
import { fromBase64 } from "../text/bytes.js";
import { readHeaders, splitHttpFile } from "../text/http-file.js";
import { ThemeToggle } from "../theme.js";
import type { DeliveryView } from "../view.js";
import { BodyField, bytesOf, type GivenBody, givenBody } from "./body-field.js";
import { Fields, Labelled } from "./fields.js";
import { judge } from "./judge.js";
import { readMoment } from "./moment.js";
import { schemeSources } from "./schemes.js";
import {
  type Example,
  optionsOf,
  type Source,
  type Values,
  valuesOf,
  withInventedSecrets,
} from "./source.js";

interface Form {
  readonly source: string;
  readonly variant: number;
  readonly values: Values;
  readonly headers: string;
  readonly body: GivenBody;
  readonly moment: string;
  readonly others: string;
}

function problemText(error: unknown): string {
  if (!isWebhookError(error)) return error instanceof Error ? error.message : String(error);
  const { message, details } = error;
  const expected = [details.expected].flat().filter(Boolean).join(", ");
  const option = typeof details.option === "string" ? ` (${details.option})` : "";
  return `${message}${option}${expected === "" ? "" : ` Expected: ${expected}.`}`;
}

function Options(props: { readonly sources: readonly Source[]; readonly label: string }) {
  return (
    <optgroup label={props.label}>
      {props.sources.map(({ id }) => (
        <option key={id}>{id}</option>
      ))}
    </optgroup>
  );
}

/** Which variant a recorded delivery's options are written for. */
function variantOf(source: Source, options: unknown): number {
  const given = JSON.stringify(options);
  const fit = source.variants.findIndex(({ fields }) => {
    try {
      return JSON.stringify(optionsOf(fields, valuesOf(fields, options))) === given;
    } catch {
      // A field of JSON that these options do not have.
      return false;
    }
  });
  return Math.max(fit, 0);
}

/** Each provider under a secret that nobody has, while those of the examples are well known: what a delivery that was sent to the wrong address may look like. */
function lookalikesOf(providers: readonly Source[]): readonly Provider[] {
  return providers.flatMap((source) => {
    const candidates = source.examples.map(({ options }) => ({
      options,
      fields: source.variants[variantOf(source, options)]?.fields ?? [],
    }));
    // Keys of an issuer cannot be replaced, and anybody may sign with the private one of an example's.
    const fit = candidates.find(({ fields }) => fields.some(({ kind }) => kind === "secrets"));
    return fit === undefined ? [] : [source.make(withInventedSecrets(fit.fields, fit.options))];
  });
}

function Debugger({ providers }: { readonly providers: readonly Source[] }) {
  const sources = [...providers, ...schemeSources];
  const others = useMemo(() => lookalikesOf(providers), [providers]);
  const [form, setForm] = useState<Form>({
    ...{ source: sources[0]?.id ?? "", variant: 0, values: {}, headers: "" },
    ...{ body: { form: "text", text: "" }, moment: "", others: "" },
  });
  const [result, setResult] = useState<{ readonly run: number; readonly delivery: DeliveryView }>();
  const [problem, setProblem] = useState<string>();
  const run = useRef(0);
  const pane = useRef<HTMLElement>(null);
  const source = sources.find(({ id }) => id === form.source) as Source;
  const variant = source.variants[form.variant] ?? source.variants[0];
  // A file is read while other fields are filled in.
  const set = (change: Partial<Form>) => setForm((now) => ({ ...now, ...change }));

  const check = async (given: Form, isAsked: boolean) => {
    const from = sources.find(({ id }) => id === given.source) as Source;
    run.current += 1;
    const own = run.current;
    try {
      const fields = from.variants[given.variant]?.fields ?? [];
      const provider = from.make(optionsOf(fields, given.values));
      const delivery = await judge(
        { headers: readHeaders(given.headers), body: bytesOf(given.body) },
        provider,
        {
          others,
          nowMs: readMoment(given.moment, Date.now()),
          secrets: given.others
            .split("\n")
            .map((line) => line.trim())
            .filter(Boolean),
        },
      );
      if (own !== run.current) return;
      setResult({ run: own, delivery });
      setProblem(undefined);
    } catch (error) {
      if (own !== run.current) return;
      setResult(undefined);
      setProblem(problemText(error));
    }
    // On a phone the verdict is below the form.
    if (isAsked) setTimeout(() => pane.current?.scrollIntoView({ block: "start" }));
  };
  const openFile = (bytes: Uint8Array): Pick<Form, "headers" | "body"> => {
    const { head, body } = splitHttpFile(bytes);
    return { headers: head, body: givenBody(body) };
  };
  const load = ({ options, now, base64 }: Example) => {
    const index = variantOf(source, options);
    const next: Form = {
      ...form,
      ...openFile(fromBase64(base64) ?? new Uint8Array()),
      variant: index,
      values: valuesOf(source.variants[index]?.fields ?? [], options),
      moment: new Date(now * 1000).toISOString(),
      others: "",
    };
    setForm(next);
    check(next, true);
  };
  /** A whole request may be pasted: what stands below its headers is its body. */
  const takeHeaders = (text: string) => {
    const [, head, rest] = /^([\s\S]*?)\n\n([\s\S]+)$/.exec(text) ?? [];
    const isEmpty = form.body.form !== "file" && form.body.text === "";
    if (head !== undefined && rest?.trim() && isEmpty) {
      set({ headers: head, body: { form: "text", text: rest } });
    } else set({ headers: text });
  };

  return (
    <div class="debugger">
      <header class="bar">
        <Mark title="debugger" />
        <span class="bar-end" />
        <ThemeToggle />
      </header>
      <main class="form" aria-label="Delivery and receiver">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            check(form, true);
          }}
        >
          <p class="promise">
            Everything is computed in this page. It sends nothing, and keeps nothing: it works
            offline, and what you paste is gone when you close it.
          </p>
          <fieldset>
            <legend>Receiver</legend>
            <Labelled label="Provider or scheme">
              {(ids) => (
                <select
                  {...ids}
                  value={form.source}
                  onChange={({ currentTarget }) =>
                    set({ source: currentTarget.value, variant: 0, values: {} })
                  }
                >
                  <Options label="Providers" sources={providers} />
                  <Options label="Schemes" sources={schemeSources} />
                </select>
              )}
            </Labelled>
            {source.examples.length > 0 && (
              <Labelled
                label="Example"
                help="Fills in a recorded delivery; its people and secrets are invented"
              >
                {(ids) => (
                  <select
                    {...ids}
                    value=""
                    onChange={({ currentTarget }) => {
                      const example = source.examples[Number(currentTarget.value)];
                      if (currentTarget.value !== "" && example !== undefined) load(example);
                    }}
                  >
                    <option value="">Load one…</option>
                    {source.examples.map(({ title }, index) => (
                      <option key={title} value={String(index)}>
                        {title}
                      </option>
                    ))}
                  </select>
                )}
              </Labelled>
            )}
            {source.variants.length > 1 && (
              <Labelled label="Configured with">
                {(ids) => (
                  <select
                    {...ids}
                    value={String(form.variant)}
                    onChange={({ currentTarget }) =>
                      set({ variant: Number(currentTarget.value), values: {} })
                    }
                  >
                    {source.variants.map(({ title }, index) => (
                      <option key={title} value={String(index)}>
                        {title}
                      </option>
                    ))}
                  </select>
                )}
              </Labelled>
            )}
            <Fields
              key={`${form.source} ${form.variant}`}
              fields={variant?.fields ?? []}
              values={form.values}
              onChange={(values) => set({ values })}
            />
          </fieldset>
          <fieldset>
            <legend>Delivery</legend>
            <Labelled label="Open a .http file">
              {(ids) => (
                <input
                  {...ids}
                  type="file"
                  onChange={async ({ currentTarget }) => {
                    const file = currentTarget.files?.[0];
                    if (file === undefined) return;
                    set(openFile(new Uint8Array(await file.arrayBuffer())));
                  }}
                />
              )}
            </Labelled>
            <Labelled label="Headers" help="One on each line, or a whole request with its body">
              {(ids) => (
                <textarea
                  {...ids}
                  rows={7}
                  spellcheck={false}
                  placeholder={"Content-Type: application/json\nX-Signature: …"}
                  value={form.headers}
                  onInput={({ currentTarget }) => takeHeaders(currentTarget.value)}
                />
              )}
            </Labelled>
            <BodyField body={form.body} onChange={(body) => set({ body })} />
            <Labelled label="Received at" help="A date or a Unix time; empty is now">
              {(ids) => (
                <input
                  {...ids}
                  autocomplete="off"
                  placeholder="now"
                  value={form.moment}
                  onInput={({ currentTarget }) => set({ moment: currentTarget.value })}
                />
              )}
            </Labelled>
            <Labelled
              label="Other secrets (optional)"
              help="One on each line, such as that of the other environment: the diagnosis tries them"
            >
              {(ids) => (
                <textarea
                  {...ids}
                  rows={2}
                  autocomplete="off"
                  spellcheck={false}
                  value={form.others}
                  onInput={({ currentTarget }) => set({ others: currentTarget.value })}
                />
              )}
            </Labelled>
          </fieldset>
          <div class="form-actions">
            <button type="submit" class="button button-primary">
              Check the delivery
            </button>
          </div>
        </form>
      </main>
      <section class="pane" aria-label="Verdict" aria-live="polite" ref={pane}>
        {problem !== undefined && (
          <div class="card verdict verdict-rejected" role="alert">
            <h2 class="problem">This cannot be checked</h2>
            <p>{problem}</p>
          </div>
        )}
        {result !== undefined && (
          <Detail
            key={result.run}
            delivery={result.delivery}
            timeLabel="Received at"
            actions={<HttpActions delivery={result.delivery} />}
          />
        )}
        {problem === undefined && result === undefined && (
          <div class="empty">
            <h2>Why was it refused?</h2>
            <p>
              Say who sends and with which secret, paste the headers and the body of a delivery, and
              check it: the verdict, the message and what is wrong stand here.
            </p>
            <p class="quiet">
              Copy the body before anything has parsed it. Or load an example, and look at what
              becomes of it.
            </p>
          </div>
        )}
      </section>
    </div>
  );
}

/** Draws the debugger, with providers beside the schemes that it has anyway. */
export function startDebugger(providers: readonly Source[]): void {
  const root = document.querySelector("#app");
  if (root !== null) render(<Debugger providers={providers} />, root);
}
