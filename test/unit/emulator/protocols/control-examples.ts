// SPDX-License-Identifier: Apache-2.0
// A request for each operation of the control API.

import type { ServiceAccount } from "../../../../src/emulator/world/accounts/account-book.js";
import type { World } from "../../../../src/emulator/world/world.js";
import { ALICE, FIRST, TARGET, TOKEN_CREATOR } from "../stage.js";
import type { ExampleRequest } from "./operation-examples.js";
import type { ExampleKinds } from "./project-examples.js";

/** What the requests are about. */
export interface ControlExampleWorld {
  readonly world: World;
  readonly target: ServiceAccount;
  readonly key: { readonly keyId: string };
  readonly accessToken: string;
}

/** The requests, by name. */
export function controlExamples(
  { world, target, key, accessToken }: ControlExampleWorld,
  { json, get }: ExampleKinds,
): Readonly<Record<string, () => ExampleRequest>> {
  const account = `/emulator/v1/accounts/${TARGET}`;
  const grant = { member: ALICE, role: TOKEN_CREATOR };
  return {
    "emulator.events": () => get("/emulator/v1/events"),
    "emulator.info": () => get("/emulator/v1/info"),
    "emulator.listCalls": () => get("/emulator/v1/calls?after=0&limit=10"),
    "emulator.clearCalls": () => get("/emulator/v1/calls"),
    "emulator.neededGrants": () => get("/emulator/v1/needed-grants?format=terraform"),
    "emulator.explainChain": () =>
      json("/emulator/v1/chain:explain", {
        principal: ALICE,
        delegates: [FIRST],
        serviceAccount: TARGET,
        permission: "iam.serviceAccounts.signBlob",
      }),
    "emulator.listAccounts": () => get("/emulator/v1/accounts"),
    "emulator.createAccount": () =>
      json("/emulator/v1/accounts", { email: "new-one@demo-project.iam.gserviceaccount.com", displayName: "New" }),
    "emulator.updateAccount": () => json(account, { disabled: true }),
    "emulator.deleteAccount": () => get(account),
    "emulator.getAccountPolicy": () => get(`${account}/policy`),
    "emulator.getProjectPolicy": () => get("/emulator/v1/projects/demo-project/policy"),
    "emulator.listKeys": () => get(`${account}/keys`),
    "emulator.createKey": () => json(`${account}/keys`),
    "emulator.updateKey": () => json(`${account}/keys/${key.keyId}`, { disabled: true }),
    "emulator.deleteKey": () => get(`${account}/keys/${key.keyId}`),
    "emulator.createCredentialsFile": () =>
      json("/emulator/v1/credentials", { kind: "authorized_user", options: { user: "alice@example.com" } }),
    "emulator.addGrant": () => json("/emulator/v1/grants", { ...grant, serviceAccount: TARGET }),
    "emulator.removeGrant": () => {
      const { id } = world.policies.ofAccount(target.uniqueId).add({ ...grant, condition: undefined });
      return get(`/emulator/v1/grants/${id}`);
    },
    "emulator.setEnforcement": () => json("/emulator/v1/enforcement", { enforcement: "observe" }),
    "emulator.createToken": () => json("/emulator/v1/tokens", { principal: ALICE, lifetime: 60 }),
    "emulator.inspectToken": () => json("/emulator/v1/tokens:inspect", { token: accessToken }),
    "emulator.revokeToken": () => json("/emulator/v1/tokens:revoke", { token: accessToken }),
    "emulator.addFault": () => json("/emulator/v1/faults", { delayMs: 0, method: "nothing" }),
    "emulator.listFaults": () => get("/emulator/v1/faults"),
    "emulator.clearFaults": () => get("/emulator/v1/faults"),
    "emulator.removeFault": () => get(`/emulator/v1/faults/${world.faults.list()[0]?.id}`),
    "emulator.advanceClock": () => json("/emulator/v1/clock", { advanceMs: 1000 }),
    "emulator.reset": () => json("/emulator/v1/reset"),
    "emulator.exportState": () => get("/emulator/v1/state"),
    "emulator.importState": () => json("/emulator/v1/state", { version: 1, serviceAccounts: [{ email: FIRST }] }),
  };
}
