// SPDX-License-Identifier: Apache-2.0
// Makes a key of a service account and hands it out in the form that programs use: a credentials file, in memory or on disk.
// Decides what happens when there is no place for it, on disk or in the account.

import type { ServiceAccountInfo } from "../../auth/service-account.js";
import { Status } from "../../base/causes/status.js";
import { RequestError, RpcError } from "../../base/errors.js";
import { checkRequestFields } from "../../messages/field-checks.js";
import type { CallContext } from "../../rpc/call.js";
import type { CallOptions } from "../../rpc/call-options.js";
import { KeyLimitError, reportKeys, summarizeKey } from "./key-report.js";
import { openSecretFile, type SecretFile } from "./secret-file.js";
import { hideWhenPrinted } from "./secret-view.js";
import type { ServiceAccountKey } from "./service-account-key.js";

/** Asks for a new key of a service account. Source: google.iam.admin.v1.CreateServiceAccountKeyRequest. */
export interface CreateKeyRequest {
  /** The account: `projects/{project or -}/serviceAccounts/{email or unique id}`, the e-mail address or the unique id. Required. */
  readonly name: string;
  /**
   * In what form the private key comes: `"TYPE_GOOGLE_CREDENTIALS_FILE"` or `"TYPE_PKCS12_FILE"`, a legacy form. Default: the credentials
   * file, which is the service's default too.
   */
  readonly privateKeyType?: "TYPE_GOOGLE_CREDENTIALS_FILE" | "TYPE_PKCS12_FILE" | undefined;
  /** `"KEY_ALG_RSA_2048"` or `"KEY_ALG_RSA_1024"`. Default: the service's, RSA with 2048 bits. */
  readonly keyAlgorithm?: "KEY_ALG_RSA_2048" | "KEY_ALG_RSA_1024" | undefined;
  /**
   * Where to write the key, with mode 0600. The file is opened before the key is made. Default: it is written nowhere, and the private key
   * is in the result.
   */
  readonly file?: string | undefined;
  /** Whether an existing `file` is replaced. Default: false, since a key that is overwritten is lost. */
  readonly overwrite?: boolean | undefined;
}

/** Asks for a key that is written to a file. */
export type KeyFileRequest = CreateKeyRequest & { readonly file: string };

/** Asks for a key in PKCS #12. */
export type Pkcs12KeyRequest = CreateKeyRequest & {
  readonly file?: undefined;
  readonly privateKeyType: "TYPE_PKCS12_FILE";
};

/** Asks for the contents of a credentials file. */
export type KeyInfoRequest = CreateKeyRequest & {
  readonly file?: undefined;
  readonly privateKeyType?: "TYPE_GOOGLE_CREDENTIALS_FILE" | undefined;
};

/** A key that was written to a file. The private key is only there. */
export interface WrittenKey {
  /** `projects/{project}/serviceAccounts/{account}/keys/{key}`. */
  readonly name: string;
  /** The last part of the name. */
  readonly keyId: string;
  /** Where the key was written. */
  readonly file: string;
}

/** A key in PKCS #12, as the service gave it. */
export interface Pkcs12Key {
  /** `projects/{project}/serviceAccounts/{account}/keys/{key}`. */
  readonly name: string;
  /** The last part of the name. */
  readonly keyId: string;
  /** The bytes of the `.p12` file. A secret, whatever the password. */
  readonly privateKeyData: Buffer;
  /** What opens it: `"notasecret"`, the same for every key. Source: google/iam/admin/v1/iam.proto. */
  readonly password: "notasecret";
}

/** What createKey gives: the contents of a credentials file, bytes, or what was written where. */
export type CreatedKey = ServiceAccountInfo | Pkcs12Key | WrittenKey;

/** The calls that making a key needs. */
interface KeyCalls {
  createServiceAccountKey(
    request: Pick<CreateKeyRequest, "name" | "privateKeyType" | "keyAlgorithm">,
    options: CallOptions | undefined,
  ): Promise<ServiceAccountKey>;
  deleteServiceAccountKey(request: { readonly name: string }, options: CallOptions): Promise<unknown>;
  listServiceAccountKeys(
    request: { readonly name: string; readonly keyTypes?: readonly ("USER_MANAGED" | "SYSTEM_MANAGED")[] },
    options: CallOptions | undefined,
  ): Promise<{ readonly keys: readonly ServiceAccountKey[] }>;
}

/** What making a key works with. */
interface KeyTools {
  readonly context: CallContext;
  readonly calls: KeyCalls;
}

const FIELDS: readonly string[] = ["name", "privateKeyType", "keyAlgorithm", "file", "overwrite"];
const CREATE = "IAM.CreateServiceAccountKey";
/** How long what follows a failure may take: looking for the reason, or undoing. The time of the call itself may be spent by then. */
const AFTERMATH_TIMEOUT_MS = 10_000;

/**
 * Makes a key.
 *
 * @throws RequestError; KeyLimitError when the account has as many keys as it may have; RpcError
 */
export async function createKey(
  tools: KeyTools,
  request: CreateKeyRequest,
  options: CallOptions | undefined,
): Promise<CreatedKey> {
  const { context, calls } = tools;
  checkCreateKey(request);
  const { file, overwrite = false, ...wanted } = request;
  const slot = file === undefined ? undefined : await openSecretFile(file, overwrite);
  let key: ServiceAccountKey;
  try {
    key = await calls.createServiceAccountKey(wanted, options);
  } catch (error) {
    await slot?.discard();
    throw await explainLimit(tools, { name: request.name, error, options });
  }
  try {
    return await handOut(key, request, slot, context.runtime.transport.kind);
  } catch (error) {
    // Nobody has the private key now: it would only count against the limit.
    await slot?.discard();
    const undoing = { metadata: options?.metadata, timeout: AFTERMATH_TIMEOUT_MS };
    await calls.deleteServiceAccountKey({ name: key.name }, undoing).catch(() => undefined);
    throw error;
  }
}

function checkCreateKey(request: CreateKeyRequest): void {
  checkRequestFields(request, "request", FIELDS);
  const { file, overwrite } = request;
  if (file !== undefined && (typeof file !== "string" || file === "")) {
    throw new RequestError("file", "must be the path to a file");
  }
  if (overwrite !== undefined && typeof overwrite !== "boolean") {
    throw new RequestError("overwrite", "must be a boolean");
  }
  if (overwrite !== undefined && file === undefined) throw new RequestError("overwrite", "is only valid with file");
}

async function handOut(
  key: ServiceAccountKey,
  request: CreateKeyRequest,
  slot: SecretFile | undefined,
  transport: string,
): Promise<CreatedKey> {
  const { name, privateKeyData } = key;
  const keyId = name.slice(name.lastIndexOf("/") + 1);
  const isPkcs12 = request.privateKeyType === "TYPE_PKCS12_FILE";
  const info = isPkcs12 ? undefined : parseCredentials(privateKeyData, transport);
  if (slot !== undefined && request.file !== undefined) {
    await slot.commit(privateKeyData);
    return { name, keyId, file: request.file };
  }
  if (info !== undefined) return hideWhenPrinted(info, "private_key");
  const pkcs12: Pkcs12Key = { name, keyId, privateKeyData, password: "notasecret" };
  return hideWhenPrinted(pkcs12, "privateKeyData");
}

function parseCredentials(bytes: Buffer, transport: string): ServiceAccountInfo {
  try {
    const info: unknown = JSON.parse(bytes.toString("utf8"));
    if (isCredentials(info)) return info;
  } catch {
    // The parser's error quotes the text, and the text is a key.
  }
  const text = "the response contains no credentials file";
  throw new RpcError({ code: Status.INTERNAL, text, method: CREATE, transport });
}

function isCredentials(info: unknown): info is ServiceAccountInfo {
  if (typeof info !== "object" || info === null) return false;
  return ["client_email", "private_key"].every((field) => typeof Reflect.get(info, field) === "string");
}

/** What is thrown for a key that could not be made: with a count when the account is full, else what the service said. */
async function explainLimit(
  { context, calls }: KeyTools,
  { name, error, options }: { name: string; error: unknown; options: CallOptions | undefined },
): Promise<unknown> {
  // FAILED_PRECONDITION now, RESOURCE_EXHAUSTED in earlier years (googleapis/google-api-dotnet-client#2027, kubeflow/pipelines#348).
  const isSuspect =
    error instanceof RpcError && (error.status === "FAILED_PRECONDITION" || error.status === "RESOURCE_EXHAUSTED");
  if (!isSuspect) return error;
  try {
    const looking = { ...options, timeout: Math.min(options?.timeout ?? AFTERMATH_TIMEOUT_MS, AFTERMATH_TIMEOUT_MS) };
    const { keys } = await calls.listServiceAccountKeys({ name, keyTypes: ["USER_MANAGED"] }, looking);
    const now = context.runtime.clock.wallNow();
    const report = reportKeys(keys.map((key) => summarizeKey(key, now)));
    return report.used < report.limit ? error : new KeyLimitError(error, report);
  } catch {
    // A caller who may make keys may not be allowed to list them.
    return error;
  }
}
