// SPDX-License-Identifier: Apache-2.0
// The door of the emulator: what a program outside may name. No logic.

export type { CallRecord as EmulatorCall } from "./call-log.js";
export type { CallerCredentials as EmulatorCredentials } from "./caller-credentials.js";
export type { Emulator, EmulatorClientOptions, EmulatorServiceAccount } from "./emulator.js";
export { startEmulator } from "./emulator.js";
export type { ServiceAccountKeyFile as EmulatorServiceAccountKeyFile } from "./key-file.js";
export type { EmulatorGrant, EmulatorOptions } from "./options.js";
export type { StatusName as EmulatorStatusName } from "./service-error.js";
