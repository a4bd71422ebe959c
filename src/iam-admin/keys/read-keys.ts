// SPDX-License-Identifier: Apache-2.0
// Reads the keys of a service account: one with its public key, all with their ages, and how near the account is to its limit.

import { RequestError } from "../../base/errors.js";
import { checkRequestFields } from "../../messages/field-checks.js";
import type { CallContext } from "../../rpc/call.js";
import type { CallOptions } from "../../rpc/call-options.js";
import { type KeyReport, type KeySummary, reportKeys, sortByAge, summarizeKey } from "./key-report.js";
import type { PublicKeyType, ServiceAccountKey } from "./service-account-key.js";

/** Asks for one key of a service account. Source: google.iam.admin.v1.GetServiceAccountKeyRequest. */
export interface GetKeyRequest {
  /**
   * The key: `projects/{project or -}/serviceAccounts/{account}/keys/{key}`; or the account in any of its forms, together with
   * `keyId`. Required.
   */
  readonly name: string;
  /** The key's id, which a credentials file calls `private_key_id`. Default: it is in `name`. */
  readonly keyId?: string | undefined;
  /**
   * The form of the public key: `"TYPE_X509_PEM_FILE"`, a certificate; `"TYPE_RAW_PUBLIC_KEY"`, the key alone; `"TYPE_NONE"`. Default: the
   * certificate, because without the public half it is only what listKeys gives.
   */
  readonly publicKeyType?: PublicKeyType | undefined;
}

/** A key with its public half. */
export interface PublicKeyView extends KeySummary {
  /** The certificate or the public key, in PEM form; `undefined`: it was not asked for. */
  readonly publicKey: string | undefined;
}

/** Asks for the keys of a service account. Source: google.iam.admin.v1.ListServiceAccountKeysRequest. */
export interface ListKeysRequest {
  /** The account: `projects/{project or -}/serviceAccounts/{email or unique id}`, the e-mail address or the unique id. Required. */
  readonly name: string;
  /** Which keys: `"USER_MANAGED"`, `"SYSTEM_MANAGED"`. Default: all. */
  readonly keyTypes?: readonly ("USER_MANAGED" | "SYSTEM_MANAGED")[] | undefined;
}

/** The calls that reading keys needs. */
interface KeyReadCalls {
  getServiceAccountKey(
    request: { readonly name: string; readonly publicKeyType: PublicKeyType },
    options: CallOptions | undefined,
  ): Promise<ServiceAccountKey>;
  listServiceAccountKeys(
    request: ListKeysRequest,
    options: CallOptions | undefined,
  ): Promise<{ readonly keys: readonly ServiceAccountKey[] }>;
}

/** What reading keys works with. */
interface KeyReadTools {
  readonly context: CallContext;
  readonly calls: KeyReadCalls;
}

const FORMS: readonly string[] = ["TYPE_X509_PEM_FILE", "TYPE_RAW_PUBLIC_KEY", "TYPE_NONE"];
const FIELDS: readonly string[] = ["name", "keyId", "publicKeyType"];
const KEY_ID = /^[^\s/]{1,100}$/;

/** Reads one key. @throws RequestError; RpcError */
export async function getKey(
  { context, calls }: KeyReadTools,
  request: GetKeyRequest,
  options: CallOptions | undefined,
): Promise<PublicKeyView> {
  checkRequestFields(request, "request", FIELDS);
  const { publicKeyType = "TYPE_X509_PEM_FILE" } = request;
  if (!FORMS.includes(publicKeyType)) throw new RequestError("publicKeyType", `must be one of ${FORMS.join(", ")}`);
  const key = await calls.getServiceAccountKey({ name: formatKeyName(request), publicKeyType }, options);
  const publicKey = key.publicKeyData.length === 0 ? undefined : key.publicKeyData.toString("utf8");
  return { ...summarizeKey(key, context.runtime.clock.wallNow()), publicKey };
}

function formatKeyName({ name, keyId }: GetKeyRequest): string {
  if (typeof name !== "string" || name === "") throw new RequestError("name", "is missing; must be the key's name");
  if (keyId === undefined) {
    if (name.includes("/keys/")) return name;
    throw new RequestError("keyId", "is missing; set it, or a name that ends with /keys/{key}");
  }
  if (typeof keyId !== "string" || !KEY_ID.test(keyId)) throw new RequestError("keyId", "must be a key ID");
  if (name.includes("/keys/")) throw new RequestError("keyId", "is already part of name");
  return `${name.includes("/") ? name : `projects/-/serviceAccounts/${name}`}/keys/${keyId}`;
}

/** Lists keys with their ages, the oldest first. @throws RequestError; RpcError */
export async function listKeys(
  { context, calls }: KeyReadTools,
  request: ListKeysRequest,
  options: CallOptions | undefined,
): Promise<readonly KeySummary[]> {
  const { keys } = await calls.listServiceAccountKeys(request, options);
  const now = context.runtime.clock.wallNow();
  return sortByAge(keys.map((key) => summarizeKey(key, now)));
}

/** Counts the user-managed keys of an account. @throws RequestError; RpcError */
export async function getKeyReport(
  tools: KeyReadTools,
  request: Pick<ListKeysRequest, "name">,
  options: CallOptions | undefined,
): Promise<KeyReport> {
  return reportKeys(await listKeys(tools, { ...request, keyTypes: ["USER_MANAGED"] }, options));
}
