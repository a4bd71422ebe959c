// SPDX-License-Identifier: Apache-2.0
// An emulator and clients of its admin API, for tests of what takes more than one call.

import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.js";
import { type ChainReport, IAMAsyncClient } from "../../src/iam-admin/index.js";
import type { ClientOptions } from "../../src/index.js";

const account = (id: string) => `${id}@stage-project.iam.gserviceaccount.com`;

/** Nobody has a role on any of them but ADMIN, who administers all, and may not act as them. */
export const ROBOT = account("robot");
export const BUILD = account("build");
export const RELEASE = account("release");
export const ADMIN = "user:admin@example.com";
export const DANA = "user:dana@example.com";
export const TOKEN_CREATOR = "roles/iam.serviceAccountTokenCreator";
export const OPEN_ID_CREATOR = "roles/iam.serviceAccountOpenIdTokenCreator";

/** A chain through all of them, from whoever calls. */
export const CHAIN = { delegates: [BUILD, RELEASE], target: ROBOT };

/** The name of an account, in any project. */
export const nameOf = (email: string) => `projects/-/serviceAccounts/${email}`;

/** What a report says of each hop, and how it knows: `granted tested`. */
export const statesOf = ({ hops }: ChainReport) => hops.map(({ state, evidence }) => `${state} ${evidence}`);

/** An emulator and its clients. */
export interface GrantStage extends AsyncDisposable {
  readonly emulator: Emulator;
  /** Grants a role on an account, TOKEN_CREATOR by default, until the returned function is called. */
  allow(member: string, serviceAccount: string, role?: string): ReturnType<Emulator["addGrant"]>;
  /** ADMIN's. */
  readonly admin: IAMAsyncClient;
  /** A client of a member, closed with the stage. */
  client(member: string, options?: ClientOptions): IAMAsyncClient;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens the stage. @param transport of all its clients */
export async function openGrantStage(transport: "grpc" | "rest", options: EmulatorOptions = {}): Promise<GrantStage> {
  const role = (name: string) => ({ member: ADMIN, role: `roles/iam.${name}`, project: "stage-project" });
  const emulator = await startEmulator({
    serviceAccounts: [ROBOT, BUILD, RELEASE],
    grants: [role("serviceAccountAdmin"), role("serviceAccountKeyAdmin")],
    ...options,
  });
  const clients: IAMAsyncClient[] = [];
  const client = (member: string, clientOptions: ClientOptions = {}) => {
    const made = new IAMAsyncClient({ ...emulator.clientOptions(member), transport, ...clientOptions });
    clients.push(made);
    return made;
  };
  return {
    emulator,
    client,
    allow: (member, serviceAccount, role = TOKEN_CREATOR) => emulator.addGrant({ member, role, serviceAccount }),
    admin: client(ADMIN),
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((each) => each.close({ gracePeriod: 0 })));
      await emulator.close();
    },
  };
}
