// SPDX-License-Identifier: Apache-2.0
// Exports an emulator's state as a seed that makes another one like it. It contains no private key and no access token.

import type { ServiceAccount } from "../world/accounts/account-book.js";
import { builtInProvider } from "../world/logins/login-options.js";
import type { EmulatorGrant } from "../world/policy/grants.js";
import type { ResourcePolicy } from "../world/policy/resource-policy.js";
import { type CustomRole, type LaunchStage, launchStages } from "../world/policy/role-book.js";
import type { EmulatorRole } from "../world/policy/role-options.js";
import type { World } from "../world/world.js";
import type { EmulatorSeed, EmulatorSeedAccount } from "./seed.js";

function exportAccount({
  email,
  uniqueId,
  displayName,
  description,
  disabled,
  keys,
}: ServiceAccount): EmulatorSeedAccount {
  const userKeys = keys.userKeys.all().map(({ keyId, certificate, origin, disabled: isOff }) => {
    return { keyId, certificate, origin, ...(isOff ? { disabled: true } : {}) };
  });
  return {
    email,
    uniqueId,
    ...(displayName === "" ? {} : { displayName }),
    ...(description === "" ? {} : { description }),
    ...(disabled ? { disabled } : {}),
    ...(userKeys.length === 0 ? {} : { keys: userKeys }),
  };
}

function exportRole({ name, title, description, includedPermissions, stage }: CustomRole): EmulatorRole {
  // No other number can be stored.
  const launchStage = Object.entries(launchStages).find(([, number]) => number === stage)?.[0] as
    | LaunchStage
    | undefined;
  return {
    name,
    title,
    ...(description === "" ? {} : { description }),
    ...(launchStage === undefined || launchStage === "GA" ? {} : { stage: launchStage }),
    includedPermissions,
  };
}

// Members that are gone for good and deleted roles are left out: they would be refused.
function exportPolicy(
  { roles: known }: World,
  policy: ResourcePolicy,
  target: Pick<EmulatorGrant, "serviceAccount" | "project">,
): EmulatorGrant[] {
  return policy.bindings().flatMap(({ role, members, condition }) => {
    const { expression, title, description } = condition?.text ?? {};
    const when =
      expression === undefined ? {} : { condition: { expression, title: title ?? "", description: description ?? "" } };
    const isKept = (member: string) => !member.startsWith("deleted:");
    return (known.exists(role) ? members : []).filter(isKept).map((member) => ({ member, role, ...target, ...when }));
  });
}

/** The state as a seed. */
export function exportState(world: World): EmulatorSeed {
  const accounts = [...world.accounts.all()];
  const roles = world.roles.all().filter(({ deletedAt }) => deletedAt === undefined);
  const { mtlsDirectory: _, defaultAccount, ...machine } = world.machine;
  const { disabled, enabled } = world.services.states();
  return structuredClone({
    version: 1,
    serviceAccounts: accounts.map(exportAccount),
    roles: roles.map(exportRole),
    grants: [
      ...accounts.flatMap(({ email, uniqueId }) =>
        exportPolicy(world, world.policies.ofAccount(uniqueId), { serviceAccount: email }),
      ),
      ...world.policies
        .projects()
        .flatMap((project) => exportPolicy(world, world.policies.ofProject(project), { project })),
    ],
    projects: world.projects.given().filter(({ id }) => id !== machine.projectId),
    disabledServices: disabled,
    enabledServices: enabled,
    extendedLifetimeAccounts: accounts
      .filter((account) => world.settings.extendedLifetimeAccounts.has(account.email))
      .map(({ email }) => email),
    domainWideDelegation: world.logins.delegations(),
    identityProviders: world.logins.providers().filter((provider) => provider !== builtInProvider),
    ...(world.enforcement.current === "observe" ? { enforcement: "observe" as const } : {}),
    refreshTokens: world.logins.refreshTokens(),
    metadataServer: { ...machine, ...(defaultAccount === undefined ? {} : { defaultAccount }) },
  });
}
