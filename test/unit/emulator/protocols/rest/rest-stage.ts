// SPDX-License-Identifier: Apache-2.0
// What tests of the REST API start from: an account, an administrator of its project, and short requests.

import { ALICE, nameOf, openStage, type Stage, TARGET, TOKEN_CREATOR } from "../../stage.js";

export const PROJECT = "demo-project";
export const ADMIN = "user:admin@example.com";
export const EXTENDED = "extended@demo-project.iam.gserviceaccount.com";
/** The path of the account that alice may create tokens for. */
export const target = `/v1/${nameOf(TARGET)}`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is asserted on is whatever came.
  readonly json: any;
}

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
}

export interface RestStage extends Stage {
  /** Asks as alice, or with the token that is given; `null` for none. */
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** The same as the project's administrator. */
  askAdmin(path: string, asked?: Asked): Promise<Answer>;
  /** A token of alice. */
  readonly alice: string;
}

const roles = ["roles/iam.serviceAccountAdmin", "roles/iam.serviceAccountKeyAdmin", "roles/iam.roleAdmin"];

export async function openRestStage(): Promise<RestStage> {
  const stage = await openStage({
    serviceAccounts: [TARGET, EXTENDED],
    extendedLifetimeAccounts: [EXTENDED],
    organizationNumber: "123456789",
    allowedHosts: ["iam.googleapis.com"],
    grants: [
      { member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET },
      ...roles.map((role) => ({ member: ADMIN, role, project: PROJECT })),
    ],
  });
  const alice = await stage.emulator.accessToken(ALICE);
  const ask: RestStage["ask"] = async (path, { method, body, token = alice, headers = {} } = {}) => {
    const response = await fetch(`${stage.emulator.url}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
  return {
    ...stage,
    [Symbol.asyncDispose]: stage.close,
    alice,
    ask,
    askAdmin: async (path, asked) => ask(path, { token: await stage.emulator.accessToken(ADMIN), ...asked }),
  };
}
