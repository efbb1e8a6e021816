/** The page's name, with the mark: a seal that a second hand has signed. */
export function Mark({ title }: { readonly title: string }) {
  return (
    <h1 class="mark">
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <path
          d="M10 1.5 17 4v5.5c0 4.2-2.8 7.3-7 9-4.2-1.7-7-4.8-7-9V4z"
          fill="none"
          stroke="currentColor"
          stroke-width="1.6"
          stroke-linejoin="round"
        />
        <path
          d="m6.4 9.8 2.6 2.7 4.8-5.4"
          fill="none"
          stroke="currentColor"
          stroke-width="1.8"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      </svg>
      <span>
        countersign <span class="mark-title">{title}</span>
      </span>
    </h1>
  );
}
