// SPDX-License-Identifier: Apache-2.0
// Decides what the deprecated methods SignBlob and SignJwt of google.iam.admin.v1.IAM do. Knows the messages, no wire.

import type {
  SignBlobRequest,
  SignBlobResponse,
  SignJwtRequest,
  SignJwtResponse,
} from "../../../../generated/google/iam/admin/v1/iam.js";
import type { ServiceAccount } from "../../world/accounts/account-book.js";
import { parseJsonObject, signBytes, signCompactJws } from "../../world/keys/signed-jwt.js";
import { invalidArgument, preconditionFailed } from "../../world/refusals/service-error.js";
import type { ServiceMethod, ServiceWorld } from "../method/service-method.js";
import { checkSignableClaims } from "../method/signable-claims.js";
import { accountTarget, requireAccount } from "./admin-access.js";

const DEFAULT_JWT_SECONDS = 3600; // what the method adds when there is no exp

function requireSigner(world: ServiceWorld, principal: string, name: string, permission: string): ServiceAccount {
  const account = requireAccount(world, principal, name, permission);
  if (account.disabled) throw preconditionFailed();
  return account;
}

const signBlob: ServiceMethod<SignBlobRequest, SignBlobResponse> = {
  name: "SignBlob",
  target: accountTarget,
  async run(world, principal, { name, bytesToSign }) {
    const account = requireSigner(world, principal, name, "iam.serviceAccounts.signBlob");
    const key = await account.keys.signingKey();
    return { keyId: key.keyId, signature: await signBytes(bytesToSign, key) };
  },
};

function withExpiry(payload: string, nowSeconds: number): string {
  checkSignableClaims(payload, nowSeconds);
  const claims = parseJsonObject(payload);
  if (claims === undefined) throw invalidArgument();
  if (Object.hasOwn(claims, "exp")) return payload;
  return JSON.stringify({ ...claims, exp: nowSeconds + DEFAULT_JWT_SECONDS });
}

const signJwt: ServiceMethod<SignJwtRequest, SignJwtResponse> = {
  name: "SignJwt",
  target: accountTarget,
  async run(world, principal, request) {
    const payload = withExpiry(request.payload, Math.floor(world.now() / 1000));
    const account = requireSigner(world, principal, request.name, "iam.serviceAccounts.signJwt");
    const key = await account.keys.signingKey();
    return { keyId: key.keyId, signedJwt: await signCompactJws(payload, key) };
  },
};

/** The deprecated methods that sign. */
export const signingMethods = { signBlob, signJwt } as const;
