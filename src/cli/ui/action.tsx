import { useEffect, useRef, useState } from "preact/hooks";

/** A button for something that takes a moment, which says how it went. */
export function Action(props: {
  readonly label: string;
  /** Said for a moment when it is done. */
  readonly done: string;
  /** Returns what went wrong, if anything did. */
  readonly run: () => Promise<string | undefined>;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  readonly title?: string;
}) {
  const { label, done, run, primary = false, disabled = false, title } = props;
  const [state, setState] = useState<{
    readonly busy: boolean;
    readonly said?: string;
    readonly failed?: boolean;
  }>({
    busy: false,
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const start = async () => {
    if (state.busy) return;
    clearTimeout(timer.current);
    setState({ busy: true });
    const problem = await run().catch((error: unknown) => String(error));
    setState({ busy: false, said: problem ?? done, failed: problem !== undefined });
    timer.current = setTimeout(
      () => setState({ busy: false }),
      problem === undefined ? 2000 : 8000,
    );
  };
  return (
    <>
      <button
        type="button"
        class={primary ? "button button-primary" : "button"}
        aria-disabled={state.busy || disabled}
        disabled={disabled}
        title={title}
        onClick={start}
      >
        {label}
      </button>
      <span class={state.failed ? "said said-failed" : "said"} role="status">
        {state.said}
      </span>
    </>
  );
}
