import { useEffect, useState } from "preact/hooks";

type Theme = "light" | "dark";

const key = "countersign.theme";
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

// A browser may refuse the storage of a file's page.
function stored(): Theme | undefined {
  try {
    const value = localStorage.getItem(key);
    return value === "light" || value === "dark" ? value : undefined;
  } catch {
    return undefined;
  }
}

function store(theme: Theme | undefined): void {
  try {
    if (theme === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // It lasts as long as the page, then.
  }
}

function apply(theme: Theme | undefined): void {
  if (theme === undefined) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

// Before anything is drawn.
apply(stored());

/** Switches between light and dark. What the system has is followed until then, and again once they are the same. */
export function ThemeToggle() {
  const [system, setSystem] = useState<Theme>(systemIsDark.matches ? "dark" : "light");
  const [chosen, setChosen] = useState(stored);
  useEffect(() => {
    const follow = () => setSystem(systemIsDark.matches ? "dark" : "light");
    systemIsDark.addEventListener("change", follow);
    return () => systemIsDark.removeEventListener("change", follow);
  }, []);
  const isDark = (chosen ?? system) === "dark";
  const toggle = () => {
    const other = isDark ? "light" : "dark";
    const choice = other === system ? undefined : other;
    store(choice);
    apply(choice);
    setChosen(choice);
  };
  return (
    <button
      type="button"
      class="button button-icon"
      aria-pressed={isDark}
      aria-label="Dark theme"
      title="Dark theme"
      onClick={toggle}
    >
      <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
        <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.6" />
        <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />
      </svg>
    </button>
  );
}
