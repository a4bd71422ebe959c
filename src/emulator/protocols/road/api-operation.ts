// SPDX-License-Identifier: Apache-2.0
// Makes operations from the services' methods: the bearer says who calls, and the request which account it acts on.

import type { ServiceWorld } from "../../services/method/service-method.js";
import type { BoundMethod } from "../../services/services.js";
import { parseAccountName } from "../../world/names/account-names.js";
import type { PermissionDecision } from "../../world/policy/decision.js";
import { PolicyBook } from "../../world/policy/policy-book.js";
import { invalidArgument, ServiceError } from "../../world/refusals/service-error.js";
import type { World } from "../../world/world.js";
import { type AuthenticationWorld, authenticate, type Caller, checkApiScope } from "./authenticate.js";
import type { Operation } from "./operation.js";
import { checkPayment, type PayingWorld } from "./paying-project.js";

/** What the services' methods and authentication need from the world. */
export type ApiWorld = ServiceWorld & AuthenticationWorld & PayingWorld & Pick<World, "enforcement">;

/** A call of a method as its protocol delivers it. */
export interface ApiCall {
  /** Every value of the authorization header. Required. */
  readonly authorization: readonly string[];
  /** The digest of the certificate that the peer presented. Default: none. */
  readonly thumbprint?: string | undefined;
  /** Reads the message; throws a ServiceError, or anything else when it can't be read. */
  decode(): unknown;
}

function describeAccount({ accounts }: Pick<ApiWorld, "accounts">, name: string): string | undefined {
  const identifier = parseAccountName(name)?.identifier;
  return identifier === undefined ? undefined : (accounts.find(identifier)?.email ?? identifier);
}

function decodeRequest(call: ApiCall): unknown {
  try {
    return call.decode();
  } catch (error) {
    throw error instanceof ServiceError ? error : invalidArgument();
  }
}

/** The operation for a method of a service. */
export function apiOperation(
  world: ApiWorld,
  { identity, scopes, method }: BoundMethod,
): Operation<ApiCall, Caller, unknown> {
  const { accounts, googleKeys, now, peers, projects, roles, services, settings, tokens, url } = world;
  return {
    name: method.name,
    fullName: identity.method,
    service: identity.service,
    async identify({ authorization, thumbprint }, notes) {
      const caller = await authenticate(world, authorization, identity, thumbprint);
      notes.principal = caller.principal;
      checkApiScope(caller, scopes, identity);
      return caller;
    },
    async run(call, { principal, isConfined = false }, notes) {
      const request = decodeRequest(call);
      const { name, delegates } = method.target(request);
      const serviceAccount = name === undefined ? undefined : describeAccount(world, name);
      if (serviceAccount !== undefined) notes.serviceAccount = serviceAccount;
      notes.delegates = Object.freeze(delegates.map((each) => describeAccount(world, each) ?? "(malformed)"));
      // Refused even when observing: a boundary covers no resource of these APIs, so no grant could allow the call.
      const letsPass = world.enforcement.current === "observe" && !isConfined;
      const observe = (decision: PermissionDecision): void => {
        notes.decision ??= [];
        notes.decision.push(decision);
        if (!letsPass || decision.outcome !== "denied") return;
        notes.observed = true;
        notes.permission ??= decision.permission;
      };
      checkPayment(world, { principal, request, identity, authority: { observe, letsPass } }, notes);
      const policies = isConfined ? new PolicyBook(world.now) : world.policies;
      // Field by field: a spread followed by other fields costs microseconds in each call.
      const used = {
        accounts,
        googleKeys,
        now,
        peers,
        policies,
        projects,
        roles,
        services,
        settings,
        tokens,
        url,
        observe,
        letsPass,
      };
      return method.run(used, principal, request);
    },
  };
}
