// SPDX-License-Identifier: Apache-2.0
// The emulator's public entry point. No logic.

export type { StatusName as EmulatorStatusName } from "../base/causes/status.js";
export type {
  EmulatorAccountChanges,
  EmulatorAccountTexts,
  EmulatorServiceAccount,
} from "./controls/account-controls.js";
export type { EmulatorChain } from "./controls/chain-explanation.js";
export type {
  EmulatorCallRange,
  EmulatorFaultRemoval,
  EmulatorGrantTiming,
  EmulatorPolicyOwner,
  EmulatorSetFault,
} from "./controls/control-options.js";
export type { EmulatorControls } from "./controls/emulator-controls.js";
export type { EmulatorInfo } from "./controls/emulator-info.js";
export type { EmulatorKey, EmulatorKeyChanges } from "./controls/key-controls.js";
export type { EmulatorGrantCondition, EmulatorNeededGrant } from "./controls/needed-grants.js";
export type { EmulatorGrantsFormat } from "./controls/needed-grants-text.js";
export type { EmulatorBinding, EmulatorPolicy } from "./controls/policy-description.js";
export type { EmulatorToken, EmulatorTokenDescription, EmulatorTokenRequest } from "./controls/token-controls.js";
export type { Emulator, EmulatorClientOptions } from "./emulator.js";
export { startEmulator } from "./emulator.js";
export type { EmulatorStartOptions as EmulatorOptions } from "./options.js";
export type { EmulatorHosts } from "./ports/listeners.js";
export type { EmulatorPorts } from "./ports/listening.js";
export type { EmulatorTls } from "./ports/tls-options.js";
export type { EmulatorSeed, EmulatorSeedAccount, EmulatorSeedKey } from "./seed/seed.js";
export type { CallListener as EmulatorCallListener, CallRecord as EmulatorCall } from "./world/calls/call-log.js";
export type { ServiceAccountKeyFile as EmulatorServiceAccountKeyFile } from "./world/credentials-files/account-key-file.js";
export type {
  EmulatorCredentialsFiles,
  EmulatorCredentialsKind,
  EmulatorUserLogin,
} from "./world/credentials-files/write-credentials-file.js";
export type { EmulatorEventName, EmulatorEvents } from "./world/events/event-log.js";
export type { EmulatorErrorDetail } from "./world/faults/error-detail.js";
export type { EmulatorConnectionFault, EmulatorFault, EmulatorFaultStatus } from "./world/faults/fault.js";
export type { EmulatorQuotas } from "./world/faults/quotas.js";
export type {
  EmulatorDelegation,
  EmulatorIdentityProvider,
  EmulatorRefreshToken,
} from "./world/logins/login-options.js";
export type { EmulatorMetadataServer } from "./world/machine/machine-options.js";
export type {
  DecidingBinding as EmulatorDecidingBinding,
  PermissionDecision as EmulatorPermissionDecision,
} from "./world/policy/decision.js";
export type { Enforcement as EmulatorEnforcement } from "./world/policy/enforcement.js";
export type { EmulatorGrant } from "./world/policy/grants.js";
export type { EmulatorOrganizationPolicy } from "./world/policy/organization-policies.js";
export type { GrantRemoval as EmulatorGrantRemoval } from "./world/policy/resource-policy.js";
export type { EmulatorRole } from "./world/policy/role-options.js";
export type { EmulatorProject, UserProjects as EmulatorUserProjects } from "./world/projects/project-options.js";
export type { CallerCredentials as EmulatorCredentials } from "./world/tokens/caller-credentials.js";
export type { EmulatorTokenOptions } from "./world/tokens/token-options.js";
export type {
  AllowedLocations as EmulatorAllowedLocations,
  MissingAccounts as EmulatorMissingAccounts,
} from "./world/world-settings.js";
