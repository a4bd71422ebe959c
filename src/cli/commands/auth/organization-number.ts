// SPDX-License-Identifier: Apache-2.0
// An ID token with the number of the organization, which the REST API offers and the gRPC proto does not. Prints nothing.

import type * as FrontDoor from "../../../index.js";
import type { Caller, Target } from "../../source/caller.js";
import { EMULATOR_VARIABLE } from "../../source/emulator-host.js";
import { CLOUD_PLATFORM } from "../../source/own-token.js";

/** The request. */
interface Request {
  readonly name: string;
  readonly delegates: readonly string[];
  readonly audience: string;
  readonly includeEmail: boolean;
  readonly organizationNumberIncluded: boolean;
}

const unused = (): never => {
  throw new Error("this method is available over REST only");
};
const text = "string" as const;
const truth = "bool" as const;
const nameOf = (account: string): string =>
  account.startsWith("projects/") ? account : `projects/-/serviceAccounts/${account}`;

/** The method as the REST reference has it. */
const STUB = {
  path: "/google.iam.credentials.v1.IAMCredentials/GenerateIdToken",
  requestStream: false,
  responseStream: false,
  // as: never called, since the method is asked for over REST alone
  requestSerialize: unused as (request: Request) => Buffer,
  responseDeserialize: unused as (bytes: Buffer) => { readonly token: string },
  request: {
    kind: "message",
    typeName: "google.iam.credentials.v1.GenerateIdTokenRequest",
    fields: {
      name: text,
      delegates: { kind: "repeated", of: text },
      audience: text,
      includeEmail: truth,
      organizationNumberIncluded: truth,
    },
  },
  reply: {
    kind: "message",
    typeName: "google.iam.credentials.v1.GenerateIdTokenResponse",
    fields: { token: text },
  },
  bindings: [{ verb: "post", template: "/v1/{name=projects/*/serviceAccounts/*}:generateIdToken", body: "*" }],
  routing: [{ field: "name" }],
} as const;

/** Gets the token. */
export async function askWithOrganization(
  caller: Caller,
  { account, delegates }: Target,
  claims: { readonly audience: string; readonly includeEmail: boolean },
): Promise<string> {
  const { createServiceClient, rowFromStub } = require("../../../index.js") as typeof FrontDoor; // its own type
  const service = {
    name: "IAMCredentials",
    hostPrefix: "iamcredentials",
    scopes: [CLOUD_PLATFORM],
    emulatorVariable: EMULATOR_VARIABLE,
  };
  const rows = { generateIdToken: rowFromStub(STUB, { retry: {} }) };
  const client = caller.keep(createServiceClient(service, rows, { ...caller.sourceOptions, transport: "rest" }));
  const request = {
    name: nameOf(account),
    delegates: delegates.map(nameOf),
    organizationNumberIncluded: true,
    ...claims,
  };
  return (await client.generateIdToken(request, caller.call)).token;
}
