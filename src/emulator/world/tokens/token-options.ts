// SPDX-License-Identifier: Apache-2.0
// Decides which options a token takes that is made without a request. Makes none.

import { value } from "../../../base/options/checks.js";
import { declare, type GivenOf, optional } from "../../../base/options/declaration.js";
import { SCOPES } from "../names/name-checks.js";
import { CLOUD_PLATFORM_SCOPE } from "../names/scopes.js";

const SECONDS = value<number>(
  (given) => typeof given === "number" && Number.isFinite(given) && given > 0,
  "a positive number of seconds",
);

/** The token to create. */
export const TOKEN_OPTIONS = declare({
  unknown: "is not an option of a token",
  fields: {
    /** Its scopes. Default: cloud-platform. */
    scopes: optional(SCOPES, [CLOUD_PLATFORM_SCOPE]),
    /** How long it is valid, in seconds of the emulator's clock. Default: 3,600. */
    lifetime: optional(SECONDS, 3600),
  },
});

/** The token to create. */
export interface EmulatorTokenOptions extends GivenOf<typeof TOKEN_OPTIONS.fields> {}
