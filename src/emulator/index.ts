// SPDX-License-Identifier: Apache-2.0
// The door of the emulator: what a program outside may name. No logic.

export type { CallRecord as EmulatorCall } from "./call-log.js";
export type { CallerCredentials as EmulatorCredentials } from "./caller-credentials.js";
export type {
  EmulatorCredentialsFiles,
  EmulatorCredentialsKind,
  EmulatorUserLogin,
} from "./credentials-file/credentials-file.js";
export type { Emulator, EmulatorClientOptions, EmulatorServiceAccount } from "./emulator.js";
export { startEmulator } from "./emulator.js";
export type { EmulatorErrorDetail } from "./faults/error-detail.js";
export type { EmulatorConnectionFault, EmulatorFault, EmulatorFaultStatus } from "./faults/fault.js";
export type { EmulatorQuotas } from "./faults/quotas.js";
export type { ServiceAccountKeyFile as EmulatorServiceAccountKeyFile } from "./key-file.js";
export type { EmulatorHosts } from "./listeners.js";
export type { EmulatorPorts } from "./listening.js";
export type { EmulatorMetadataServer } from "./metadata-server/metadata-options.js";
export type { EmulatorDelegation, EmulatorIdentityProvider, EmulatorRefreshToken } from "./oauth/oauth-options.js";
export type {
  AllowedLocations as EmulatorAllowedLocations,
  EmulatorGrant,
  EmulatorRole,
  MissingAccounts as EmulatorMissingAccounts,
} from "./options.js";
export type { EmulatorOrganizationPolicy } from "./policy/organization-policies.js";
export type {
  EmulatorSeed,
  EmulatorSeedAccount,
  EmulatorSeedKey,
  EmulatorStartOptions as EmulatorOptions,
} from "./seed/seed.js";
export type { StatusName as EmulatorStatusName } from "./service-error.js";
export type { EmulatorTls } from "./tls/tls-options.js";
