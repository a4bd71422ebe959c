// SPDX-License-Identifier: Apache-2.0
// The options of an emulator's controls, except those of grants, faults, accounts and tokens, which are declared elsewhere.

import { flag, integer, oneOf } from "../../base/options/checks.js";
import { declare, type GivenOf, optional, settle } from "../../base/options/declaration.js";
import type { EmulatorFault } from "../world/faults/fault.js";
import { EMAIL, PROJECT } from "../world/names/name-checks.js";
import { refuseOption } from "../world/refusals/refuse-option.js";
import type { World } from "../world/world.js";

/** Which calls of the log. */
export const CALL_RANGE = declare({
  unknown: "is not a field of a range of calls",
  fields: {
    /** Only calls with a greater `id`. Default: 0, all that are kept. */
    after: optional(integer(0), 0),
    /** At most this many, oldest first. Default: all. */
    limit: optional(integer(1)),
  },
});

/** Which calls of the log. */
export interface EmulatorCallRange extends GivenOf<typeof CALL_RANGE.fields> {}

/** When a change of a policy comes into effect. */
const GRANT_TIMING = declare({
  unknown: "is not an option of a grant",
  fields: {
    /** Whether it takes as long to come into effect as a change over the API (option `policyPropagationMs`). Default: false, at once. */
    propagate: optional(flag, false),
  },
});

/** When a change of a policy comes into effect. */
export interface EmulatorGrantTiming extends GivenOf<typeof GRANT_TIMING.fields> {}

/** When a change takes effect, in milliseconds since the epoch; undefined: at once. */
export function spreadAt(
  { now, settings }: Pick<World, "now" | "settings">,
  timing: EmulatorGrantTiming,
): number | undefined {
  const { propagate } = settle(GRANT_TIMING, timing, { refuse: refuseOption });
  return propagate ? now() + settings.policyPropagationMs : undefined;
}

/** The formats of needed grants. */
export const GRANTS_FORMAT = oneOf(["json", "gcloud", "iamcreds", "terraform"]);

/** Whose policy. */
export const POLICY_OWNER = declare({
  unknown: "is not a resource with a policy",
  fields: {
    /** An account: its e-mail. Required, or `project`. */
    serviceAccount: optional(EMAIL),
    /** A project: its id. Required, or `serviceAccount`. */
    project: optional(PROJECT),
  },
  rule: ({ serviceAccount, project }) =>
    (serviceAccount === undefined) === (project === undefined)
      ? { path: "", text: "must have either serviceAccount or project" }
      : undefined,
});

/** Whose policy. */
export interface EmulatorPolicyOwner extends GivenOf<typeof POLICY_OWNER.fields> {}

/** An active fault. */
export interface EmulatorSetFault {
  /** Its number, for `removeFault`. */
  readonly id: number;
  /** The fault. */
  readonly fault: EmulatorFault;
  /** How many more calls it applies to. Absent: no limit. */
  readonly remaining?: number;
}

/** The removal of a fault: calling it again does nothing. */
export interface EmulatorFaultRemoval {
  /** Removes it. */
  (): void;
  /** The fault's number. */
  readonly id: number;
}
