// SPDX-License-Identifier: Apache-2.0
// A minter for an account as the flags say, and the account's project.

import type { Host } from "../host/host.js";
import { type Caller, readLifetime, readScopes, type Target } from "../source/caller.js";
import { emulatorHost } from "../source/emulator-host.js";
import type { Given } from "../table/command.js";
import { Minter } from "./minter.js";

/** The minter of an account. */
export function openMinter(target: Target, given: Given, host: Host, caller: Caller): Minter {
  const emulator = emulatorHost(host.variables);
  const subject = given.text("subject");
  return new Minter({
    target,
    client: caller.credentialsClient(caller.sourceOptions),
    scopes: readScopes(given),
    lifetime: readLifetime(given),
    subject,
    tokenUri: subject === undefined || emulator === undefined ? undefined : `http://${emulator}/token`,
    refreshTimeout: caller.refreshTimeout,
    clock: host.clock,
  });
}

/** The project: that of the flag or variable, else the account's, from its e-mail. */
export function projectOf(given: Given, account: string): string | undefined {
  return given.text("project") ?? /@([^.@]+)\.iam\.gserviceaccount\.com$/.exec(account)?.[1];
}
