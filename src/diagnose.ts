export { type DiagnoseOptions, type Diagnosis, diagnose } from "./diagnose/diagnosis.js";
export {
  type ExplainFailuresOptions,
  explainFailures,
  type ObservedOutcome,
} from "./diagnose/explain-failures.js";
export type { Finding, FindingCode } from "./diagnose/findings.js";
