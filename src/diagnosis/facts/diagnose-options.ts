// SPDX-License-Identifier: Apache-2.0
// What a diagnosis can be given, checked for form. Sends nothing.

import { ConfigurationError } from "../../base/errors.js";
import type { ClientOptions } from "../../client/client-options.js";
import type { ChainPermission } from "../../iam-admin/chain/hops.js";
import type { DurationLike } from "../../iam-credentials/requests.js";
import type { Finding } from "./finding.js";

/** What to diagnose. */
export interface DiagnoseOptions {
  /** The account to act as: its e-mail address, or a resource name with it. Default: none; only the machine and the credentials are looked at. */
  readonly target?: string | undefined;
  /** The accounts between the caller and `target`, caller's side first. Default: none. */
  readonly delegates?: readonly string[] | undefined;
  /** What for. Default: `"iam.serviceAccounts.getAccessToken"`. */
  readonly permission?: ChainPermission | undefined;
  /** Whether `target` must be able to act as itself too, as needed by libraries that sign with its token. Default: false. */
  readonly self?: boolean | undefined;
  /** Who calls: `user:{email}`, `serviceAccount:{email}`, … Default: the account that the token names. */
  readonly caller?: string | undefined;
  /** The lifetime that the failing program asks for. Default: an hour. */
  readonly lifetime?: DurationLike | undefined;
  /** The scopes that the program asks for. Default: cloud-platform. */
  readonly scopes?: readonly string[] | undefined;
  /** An error that the program met: thrown, parsed, or the text that it printed, in any language. Default: none. */
  readonly error?: unknown;
  /** Whether to wait for a grant that is not in effect yet, up to seven minutes. Default: false. */
  readonly wait?: boolean | undefined;
  /** Whether to send nothing. Default: false. */
  readonly offline?: boolean | undefined;
  /** How the program calls: the options of its client. Default: those of a client without options. */
  readonly clientOptions?: ClientOptions | undefined;
  /** Milliseconds that each question may take. Default: 15,000. */
  readonly timeout?: number | undefined;
  /** Aborts with the signal's reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each finding as it comes. Default: not called. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

const NAMES: readonly (keyof DiagnoseOptions)[] = [
  "target",
  "delegates",
  "permission",
  "self",
  "caller",
  "lifetime",
  "scopes",
  "error",
  "wait",
  "offline",
  "clientOptions",
  "timeout",
  "signal",
  "onFinding",
];

/** Checks the options by name. What is wrong with target and delegates is for the diagnosis to find. @throws ConfigurationError */
export function checkDiagnoseOptions(options: DiagnoseOptions): void {
  if (typeof options !== "object" || options === null) throw new ConfigurationError("options: must be an object");
  for (const key of Object.keys(options)) {
    if (!NAMES.some((name) => name === key)) {
      throw new ConfigurationError(`${key}: no such option; valid names are ${NAMES.join(", ")}`);
    }
  }
  const { timeout, transport } = { timeout: options.timeout, transport: options.clientOptions?.transport };
  if (timeout !== undefined && !(typeof timeout === "number" && timeout > 0)) {
    throw new ConfigurationError("timeout: must be a positive number of milliseconds");
  }
  if ((transport !== undefined && typeof transport !== "string") || options.clientOptions?.channel !== undefined) {
    throw new ConfigurationError(
      "clientOptions: several services are called, so transport must be a label, and channel cannot be given",
    );
  }
}
