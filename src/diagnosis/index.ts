// SPDX-License-Identifier: Apache-2.0
// The door of diagnosis: exports by name, no logic. `explainError` and `explainCredentials` are at the front door.

export { type Diagnosis, diagnose } from "./diagnose.js";
export type { DiagnoseOptions } from "./facts/diagnose-options.js";
export type { Finding, FindingCommand, FindingState, StepId } from "./facts/finding.js";
export {
  type BundleOptions,
  bundleDiagnosis,
  formatConclusion,
  formatDiagnosis,
  formatFinding,
} from "./format-diagnosis.js";
