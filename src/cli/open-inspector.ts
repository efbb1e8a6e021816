import type { Inspector, InspectorOptions } from "./captures.js";
import { usageFailure } from "./failure.js";

/** Serves the inspector page. Loaded only when it is asked for. */
export async function openInspector(_options: InspectorOptions): Promise<Inspector> {
  throw usageFailure("The inspector page is not there yet.", "Leave --ui out.");
}
