// SPDX-License-Identifier: Apache-2.0
// Decides how the policy of a resource is read, written and tested: etags, versions, conditions. Which resources exist is each
// service's own; what a policy permits is decided in permissions.ts.

import { createHash } from "node:crypto";
import type {
  GetIamPolicyRequest,
  SetIamPolicyRequest,
  TestIamPermissionsRequest,
  TestIamPermissionsResponse,
} from "../../../../generated/google/iam/v1/iam_policy.js";
import type { Binding, Policy } from "../../../../generated/google/iam/v1/policy.js";
import { isPolicyMember } from "../../world/names/members.js";
import type { Condition } from "../../world/policy/compiled-condition.js";
import { formatEtag } from "../../world/policy/etag.js";
import type { Authority } from "../../world/policy/permissions.js";
import type { PolicyBinding, ResourcePolicy } from "../../world/policy/resource-policy.js";
import { invalidArgument, ServiceError } from "../../world/refusals/service-error.js";
import { readCondition } from "./condition-text.js";
import { readMask } from "./field-mask.js";
import type { RequestTarget, ServiceMethod, ServiceWorld } from "./service-method.js";

/** The resources of one kind that have policies. */
interface PolicyResources {
  /** What the permissions to read and write policies begin with, for example `iam.serviceAccounts`. Required. */
  readonly permissionPrefix: string;
  /** The permissions that such a policy can give. Required. */
  readonly permissions: readonly string[];
  /** Tells the log which resource a request acts on. */
  target(resource: string): RequestTarget;
  /** The policy of a resource, if the caller has a permission on it. Throws a ServiceError. */
  open(world: ServiceWorld, principal: string, resource: string, permission: string): ResourcePolicy;
  /** Returns a check for whether a principal has a permission on a resource; undefined: no such resource. Throws a ServiceError. */
  tester(
    world: ServiceWorld,
    resource: string,
  ): ((authority: Authority, principal: string, permission: string) => boolean) | undefined;
}

/** The three methods that every resource with a policy has. */
export interface PolicyMethods {
  /** Reads a policy. */
  readonly getIamPolicy: ServiceMethod<GetIamPolicyRequest, Policy>;
  /** Writes one. */
  readonly setIamPolicy: ServiceMethod<SetIamPolicyRequest, Policy>;
  /** Says what a caller may do. */
  readonly testIamPermissions: ServiceMethod<TestIamPermissionsRequest, TestIamPermissionsResponse>;
}

const CONDITIONAL_VERSION = 3;
const versions: readonly number[] = [0, 1, CONDITIONAL_VERSION];
const WRITTEN_BY_DEFAULT = { bindings: true, etag: true, version: true, audit_configs: false } as const;

function invalid(message: string): ServiceError {
  return new ServiceError("INVALID_ARGUMENT", message);
}

// A client that asked for an older version sees that a condition exists, and can't write the binding back by mistake.
// Source: "Specifying a policy version when getting a policy" of the IAM documentation.
function hideCondition(role: string, { text }: Condition): string {
  const hash = createHash("sha256").update(JSON.stringify(text)).digest("hex").slice(0, 20);
  return `${role}_withcond_${hash}`;
}

function formatBinding({ role, members, condition }: PolicyBinding, isShown: boolean): Binding {
  if (condition === undefined) return { role, members: [...members], condition: undefined };
  if (!isShown) return { role: hideCondition(role, condition), members: [...members], condition: undefined };
  return { role, members: [...members], condition: { ...condition.text } };
}

function formatPolicy(policy: ResourcePolicy, version: number): Policy {
  const bindings = policy.bindings();
  const isShown = version === CONDITIONAL_VERSION;
  const isWritten = bindings.length > 0 || policy.auditSettings.length > 0;
  const writtenVersion = policy.isConditional && isShown ? CONDITIONAL_VERSION : 1;
  return {
    version: isWritten ? writtenVersion : 0, // nothing granted: only the etag
    bindings: bindings.map((binding) => formatBinding(binding, isShown)),
    auditConfigs: policy.auditSettings.map(({ service, auditLogConfigs }) => ({
      service,
      auditLogConfigs: auditLogConfigs.map(({ logType, exemptedMembers }) => ({
        logType,
        exemptedMembers: [...exemptedMembers],
      })),
    })),
    etag: policy.etag,
  };
}

function readBinding(world: ServiceWorld, { role, members, condition }: Binding): PolicyBinding {
  if (!world.roles.exists(role)) throw invalid(`Role ${role} is not supported for this resource.`); // memory
  const malformed = members.find((member) => !isPolicyMember(member));
  if (malformed !== undefined) {
    // memory
    throw invalid(`The member ${malformed} is of an unknown type. Please set a valid type prefix for the member.`);
  }
  return {
    role,
    members: [...new Set(members)],
    condition: condition === undefined ? undefined : readCondition(world, condition),
  };
}

// Limits of a policy. Source: Google's page of quotas.
const MAX_PRINCIPALS = 1500;
const MAX_GROUPS = 250;
const MAX_CONDITIONS = 20; // of one role and member

function checkFewConditions(bindings: readonly PolicyBinding[]): void {
  const counts = new Map<string, number>();
  for (const { role, members, condition } of bindings) {
    if (condition === undefined) continue;
    for (const member of members) {
      const key = `${role} ${member}`;
      const count = (counts.get(key) ?? 0) + 1;
      if (count > MAX_CONDITIONS) {
        throw invalid(`${member} must have ${role} under at most ${MAX_CONDITIONS} conditions.`); // our own text
      }
      counts.set(key, count);
    }
  }
}

function checkFits(bindings: readonly PolicyBinding[]): void {
  checkFewConditions(bindings);
  const members = bindings.flatMap((binding) => binding.members);
  const groups = members.filter((member) => /^(group|domain):/.test(member));
  if (members.length > MAX_PRINCIPALS || groups.length > MAX_GROUPS) {
    throw invalid("The number of members in the policy is larger than the maximum allowed size.");
  }
}

function checkVersion(policy: Policy, current: ResourcePolicy): void {
  if (!versions.includes(policy.version)) throw invalidArgument();
  const hasCondition = policy.bindings.some(({ condition }) => condition !== undefined);
  if (policy.version === CONDITIONAL_VERSION) return;
  // With an etag, the caller has read the policy and would lose its conditions; without one, it means to overwrite.
  if (hasCondition || (current.isConditional && policy.etag.length > 0)) {
    throw invalid("The policy has conditions: its version must be 3."); // our own text
  }
}

function checkEtag(given: Buffer, current: Buffer): void {
  if (given.length === 0 || given.equals(current)) return;
  throw new ServiceError(
    "ABORTED",
    "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. " +
      `The request's ETag '${formatEtag(given)}' did not match the current policy's ETag '${formatEtag(current)}'.`,
  );
}

function writePolicy(
  world: ServiceWorld,
  current: ResourcePolicy,
  policy: Policy,
  updateMask: readonly string[] | undefined,
): Policy {
  // Without a mask: bindings and etag (google/iam/v1/iam_policy.proto).
  const fields = readMask(updateMask, WRITTEN_BY_DEFAULT);
  checkVersion(policy, current);
  const bindings = fields.has("bindings")
    ? policy.bindings.map((binding) => readBinding(world, binding))
    : current.bindings();
  checkFits(bindings);
  if (updateMask === undefined || updateMask.length === 0 || fields.has("etag")) checkEtag(policy.etag, current.etag);
  const auditSettings = fields.has("audit_configs") ? policy.auditConfigs : current.auditSettings;
  current.replace(bindings, auditSettings, world.now() + world.settings.policyPropagationMs);
  return formatPolicy(current, CONDITIONAL_VERSION);
}

/** The methods for the policies of one kind of resources. */
export function policyMethodsOf(resources: PolicyResources): PolicyMethods {
  const { permissionPrefix, permissions: known } = resources;
  const target = ({ resource }: { readonly resource: string }) => resources.target(resource);
  return {
    getIamPolicy: {
      name: "GetIamPolicy",
      target,
      async run(world, principal, { resource, options }) {
        const version = options?.requestedPolicyVersion ?? 0;
        if (!versions.includes(version)) throw invalidArgument();
        return formatPolicy(resources.open(world, principal, resource, `${permissionPrefix}.getIamPolicy`), version);
      },
    },
    setIamPolicy: {
      name: "SetIamPolicy",
      target,
      async run(world, principal, { resource, policy, updateMask }) {
        if (policy === undefined) throw invalidArgument();
        readMask(updateMask, WRITTEN_BY_DEFAULT); // a malformed request is refused before a missing permission is
        const current = resources.open(world, principal, resource, `${permissionPrefix}.setIamPolicy`);
        return writePolicy(world, current, policy, updateMask);
      },
    },
    testIamPermissions: {
      name: "TestIamPermissions",
      target,
      async run(world, principal, { resource, permissions }) {
        // Testing a permission is not using it, so nothing is logged as a decision about this call.
        const { now, policies, roles } = world;
        const unknown = permissions.find((permission) => !known.includes(permission));
        if (unknown !== undefined) throw invalid(`Permission ${unknown} is not valid for this resource.`); // memory
        // For a resource that does not exist the result is empty (google/iam/v1/iam_policy.proto).
        const has = resources.tester(world, resource);
        if (has === undefined) return { permissions: [] };
        return { permissions: permissions.filter((each) => has({ now, policies, roles }, principal, each)) };
      },
    },
  };
}
