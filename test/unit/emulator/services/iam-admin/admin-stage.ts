// SPDX-License-Identifier: Apache-2.0
// What tests of the admin API start from: an administrator of one project, and short calls.

import { IAMService as admin } from "../../../../../generated/google/iam/admin/v1/iam.js";
import type { EmulatorOptions } from "../../../../../src/emulator/index.js";
import type { BareCall, Refusal, Row } from "../../bare-client.js";
import { openStage, type Stage } from "../../stage.js";

export { IAMService as admin } from "../../../../../generated/google/iam/admin/v1/iam.js";

export const PROJECT = "demo-project";
export const ADMIN = "user:admin@example.com";
export const BOB = "user:bob@example.com";

/** The name of an account by its project, as the admin API gives it. */
export const accountName = (email: string) => `projects/${PROJECT}/serviceAccounts/${email}`;

/** A stage on which ADMIN has every role that administers accounts, keys and roles of the project, and none that signs. */
export interface AdminStage extends Stage {
  /** Calls as ADMIN, or as whoever the options say. */
  call<Request, Response>(row: Row<Request, Response>, request: Request, options?: BareCall): Promise<Response>;
  /** The same, for a call that must be refused. */
  refusal<Request, Response>(row: Row<Request, Response>, request: Request, options?: BareCall): Promise<Refusal>;
  /** A token of a member. */
  tokenOf(member: string): Promise<string>;
  /** Creates an account as ADMIN. */
  create(accountId: string): Promise<{ email: string; name: string; uniqueId: string }>;
}

const roles = ["roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountKeyAdmin", "roles/iam.roleAdmin"];

export async function openAdminStage(options: EmulatorOptions = {}): Promise<AdminStage> {
  const grants = roles.map((role) => ({ member: ADMIN, role, project: PROJECT }));
  const stage = await openStage({ serviceAccounts: [], ...options, grants: [...grants, ...(options.grants ?? [])] });
  const token = await stage.emulator.accessToken(ADMIN);
  const call: AdminStage["call"] = (row, request, callOptions) =>
    stage.client.call(row, request, { token, ...callOptions });
  return {
    ...stage,
    [Symbol.asyncDispose]: stage.close,
    call,
    refusal: (row, request, callOptions) => stage.client.refusal(row, request, { token, ...callOptions }),
    tokenOf: (member) => stage.emulator.accessToken(member),
    create: (accountId) =>
      call(admin.createServiceAccount, { name: `projects/${PROJECT}`, accountId, serviceAccount: undefined }),
  };
}

/** The same with an account to begin with. */
export interface RobotStage extends AdminStage {
  readonly robot: Awaited<ReturnType<AdminStage["create"]>>;
}

export async function openRobotStage(options: EmulatorOptions = {}): Promise<RobotStage> {
  const stage = await openAdminStage(options);
  return { ...stage, robot: await stage.create("robot-1") };
}

export const denied = (permission: string): Refusal => ({
  code: 7,
  message: `Permission '${permission}' denied on resource (or it may not exist).`,
  info: { reason: "IAM_PERMISSION_DENIED", domain: "iam.googleapis.com", metadata: { permission } },
});

export const invalid: Refusal = { code: 3, message: "Request contains an invalid argument.", info: null };

export const unknownAccount: Refusal = { code: 5, message: "Unknown service account", info: null };

export const preconditionFailed: Refusal = { code: 9, message: "Precondition check failed.", info: null };
