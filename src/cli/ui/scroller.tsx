import type { ComponentChildren } from "preact";

/** Text as it is laid out, in a box of its own that scrolls, by keyboard too. */
export function Scroller(props: {
  readonly label: string;
  readonly wrap?: boolean;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="code" aria-label={props.label} tabIndex={0}>
      <pre class={props.wrap ? "wrap" : undefined}>{props.children}</pre>
    </section>
  );
}
