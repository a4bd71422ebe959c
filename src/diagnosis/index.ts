// SPDX-License-Identifier: Apache-2.0
// The door of diagnosis: exports by name, no logic. `explainError` and `explainCredentials` are at the front door.

export { type Diagnosis, diagnose } from "./diagnose.js";
export type { DiagnoseOptions } from "./diagnose-options.js";
export type { Finding, FindingCommand, FindingState, StepId } from "./finding.js";
export { type BundleOptions, bundleDiagnosis, formatConclusion, formatDiagnosis, formatFinding } from "./format.js";
