// SPDX-License-Identifier: Apache-2.0
// What the console reads is what the emulator's endpoints answer. The page is compiled without Node's types and so without the
// emulator's: `tsc` compares them here without running anything, and fails where one of the two has changed alone.

import type * as console from "../../../../../src/emulator/console/link/records.js";
import type {
  EmulatorBinding,
  EmulatorCall,
  EmulatorFault,
  EmulatorGrant,
  EmulatorGrantTiming,
  EmulatorInfo,
  EmulatorKey,
  EmulatorPermissionDecision,
  EmulatorServiceAccount,
} from "../../../../../src/emulator/index.js";
import type { IsExactly } from "../../../../types/exact.js";

/** A value that went through JSON, which drops what is undefined. */
type Json<T> = T extends Date
  ? string
  : T extends object
    ? { readonly [Key in keyof T]: Json<Exclude<T[Key], undefined>> }
    : T;

/** Fields of the console's that the emulator does not have. */
type Unknown<Read, Sent> = Exclude<keyof Read, keyof Sent>;

export function read(
  call: Json<EmulatorCall>,
  hop: Json<EmulatorPermissionDecision>,
  info: Json<EmulatorInfo>,
  account: Json<EmulatorServiceAccount>,
  binding: Json<EmulatorBinding>,
  key: Json<EmulatorKey>,
  fault: Json<EmulatorFault>,
): unknown[] {
  const calls: console.Call[] = [call];
  const hops: console.Hop[] = [hop];
  const infos: console.Info[] = [info];
  const accounts: console.Account[] = [account];
  const bindings: console.PolicyBinding[] = [binding];
  const keys: console.Key[] = [key];
  const faults: console.Fault[] = [fault];
  return [calls, hops, infos, accounts, bindings, keys, faults];
}

export function sent(grant: console.Grant): EmulatorGrant & EmulatorGrantTiming {
  return grant;
}

type Unknowns =
  | Unknown<console.Call, EmulatorCall>
  | Unknown<console.Hop, EmulatorPermissionDecision>
  | Unknown<console.Info, EmulatorInfo>
  | Unknown<console.Account, EmulatorServiceAccount>
  | Unknown<console.PolicyBinding, EmulatorBinding>
  | Unknown<console.Key, EmulatorKey>
  | Unknown<console.Fault, EmulatorFault>
  | Unknown<console.Grant, EmulatorGrant & EmulatorGrantTiming>;

export const unknownFields: IsExactly<Unknowns, never> = true;
