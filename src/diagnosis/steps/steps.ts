// SPDX-License-Identifier: Apache-2.0
// The rows of the checklist, in order. What each asks is in its own file.

import type { Step } from "../facts/step.js";
import { accounts } from "./accounts.js";
import { certificate } from "./certificate.js";
import { chain } from "./chain.js";
import { identity } from "./identity.js";
import { lifetime } from "./lifetime-limit.js";
import { machine } from "./machine.js";
import { call, log } from "./outcome.js";
import { policies } from "./policies.js";
import { quotaProject, scope, service } from "./project.js";
import { aboveIam, quota } from "./refusals.js";
import { request } from "./request.js";
import { route } from "./route.js";

/** All steps. */
export const STEPS: readonly Step[] = [
  ...[machine, route, identity, service, quotaProject, scope, request, accounts, chain, policies],
  ...[aboveIam, lifetime, quota, certificate, call, log],
];
