import type { Inspector, InspectorOptions } from "./captures.js";

/** Serves the inspector page. Loaded only when it is asked for. */
export async function openInspector(options: InspectorOptions): Promise<Inspector> {
  const { startInspector } = await import("./inspector.js");
  return startInspector(options);
}
