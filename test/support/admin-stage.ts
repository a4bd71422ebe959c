// SPDX-License-Identifier: Apache-2.0
// An emulator with an administrator, and that administrator's client over each transport: what tests of the admin API start from.

import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.js";
import { IAMAsyncClient } from "../../src/iam-admin/index.js";
import type { ClientOptions } from "../../src/index.js";

/** What carries the calls of a test. */
export type Carrier = "grpc" | "rest";

export const CARRIERS = ["grpc", "rest"] as const;
export const PROJECT = "stage-project";
export const ADMIN = "user:admin@example.com";
export const BOB = "user:bob@example.com";

/** The address of an account of the project. */
export const emailOf = (accountId: string) => `${accountId}@${PROJECT}.iam.gserviceaccount.com`;
/** Its name, project included. */
export const nameOf = (accountId: string) => `projects/${PROJECT}/serviceAccounts/${emailOf(accountId)}`;

/** Makes an account of the project: another for each test and transport. */
export async function makeAccount(client: IAMAsyncClient, accountId: string) {
  const { name } = await client.createServiceAccount({ name: PROJECT, accountId });
  return { accountId, name, email: emailOf(accountId) };
}

/** An emulator and clients to it. */
export interface AdminStage extends AsyncDisposable {
  readonly emulator: Emulator;
  /** The client of a member, ADMIN by default; closed with the stage. */
  client(transport: Carrier, options?: ClientOptions, member?: string): IAMAsyncClient;
  [Symbol.asyncDispose](): Promise<void>;
}

const ROLES = ["serviceAccountAdmin", "serviceAccountKeyAdmin", "roleAdmin", "serviceAccountTokenCreator"];

/** Opens the stage: ADMIN administers everything in the project and may sign, BOB may do nothing. */
export async function openAdminStage(options: EmulatorOptions = {}): Promise<AdminStage> {
  const grants = ROLES.map((role) => ({ member: ADMIN, role: `roles/iam.${role}`, project: PROJECT }));
  const emulator = await startEmulator({ ...options, grants: [...grants, ...(options.grants ?? [])] });
  const clients: IAMAsyncClient[] = [];
  return {
    emulator,
    client(transport, clientOptions = {}, member = ADMIN) {
      const made = new IAMAsyncClient({ ...emulator.clientOptions(member), transport, ...clientOptions });
      clients.push(made);
      return made;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((each) => each.close({ gracePeriod: 0 })));
      await emulator.close();
    },
  };
}
