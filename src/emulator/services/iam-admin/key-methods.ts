// SPDX-License-Identifier: Apache-2.0
// Decides what the methods for keys of google.iam.admin.v1.IAM do to the state. A private key is in the response that creates it
// and nowhere else.

import { type KeyObject, X509Certificate } from "node:crypto";
import {
  type CreateServiceAccountKeyRequest,
  type DeleteServiceAccountKeyRequest,
  type DisableServiceAccountKeyRequest,
  type EnableServiceAccountKeyRequest,
  type GetServiceAccountKeyRequest,
  ServiceAccountKeyAlgorithm as KeyAlgorithm,
  ServiceAccountKeyOrigin as KeyOrigin,
  ListServiceAccountKeysRequest_KeyType as KeyType,
  type ListServiceAccountKeysRequest,
  type ListServiceAccountKeysResponse,
  ServiceAccountPrivateKeyType as PrivateKeyType,
  ServiceAccountPublicKeyType as PublicKeyType,
  type ServiceAccountKey,
  type UploadServiceAccountKeyRequest,
} from "../../../../generated/google/iam/admin/v1/iam.js";
import type { Empty } from "../../../../generated/google/protobuf/empty.js";
import type { Timestamp } from "../../../../generated/google/protobuf/timestamp.js";
import type { ServiceAccount } from "../../world/accounts/account-book.js";
import { buildKeyFile } from "../../world/credentials-files/account-key-file.js";
import { keyIdOf, type PublishedKey } from "../../world/keys/key-pair.js";
import { MAX_USER_KEYS, type UserKey } from "../../world/keys/user-keys.js";
import { checkAllowed } from "../../world/policy/organization-policies.js";
import { invalidArgument, preconditionFailed, ServiceError } from "../../world/refusals/service-error.js";
import type { ServiceMethod, ServiceWorld } from "../method/service-method.js";
import { accountTarget, requireAccount } from "./admin-access.js";
import { parseKeyName } from "./admin-names.js";

const keyTarget = ({ name }: { readonly name: string }) => ({ name: parseKeyName(name)?.account, delegates: [] });

function toTimestamp(text: string): Timestamp {
  return { seconds: String(Math.floor(Date.parse(text) / 1000)), nanos: 0 };
}

function algorithmOf(publicKey: KeyObject): KeyAlgorithm {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength;
  if (bits === 1024) return KeyAlgorithm.KEY_ALG_RSA_1024;
  return bits === 2048 ? KeyAlgorithm.KEY_ALG_RSA_2048 : KeyAlgorithm.KEY_ALG_UNSPECIFIED;
}

function formatName({ projectId, email }: ServiceAccount): string {
  return `projects/${projectId}/serviceAccounts/${email}`;
}

function formatKey(account: ServiceAccount, key: PublishedKey, userKey: UserKey | undefined): ServiceAccountKey {
  const certificate = new X509Certificate(key.certificate);
  return {
    name: `${formatName(account)}/keys/${key.keyId}`,
    privateKeyType: PrivateKeyType.TYPE_UNSPECIFIED,
    keyAlgorithm: algorithmOf(key.publicKey),
    privateKeyData: Buffer.alloc(0),
    publicKeyData: Buffer.alloc(0),
    validAfterTime: toTimestamp(certificate.validFrom),
    validBeforeTime: toTimestamp(certificate.validTo),
    keyOrigin: userKey?.origin === "user" ? KeyOrigin.USER_PROVIDED : KeyOrigin.GOOGLE_PROVIDED,
    keyType: userKey === undefined ? KeyType.SYSTEM_MANAGED : KeyType.USER_MANAGED,
    disabled: userKey?.disabled ?? false,
  };
}

function requireKeyTypes(types: readonly KeyType[]): ReadonlySet<KeyType> {
  const known: readonly KeyType[] = [KeyType.USER_MANAGED, KeyType.SYSTEM_MANAGED];
  if (!types.every((type) => known.includes(type)) || new Set(types).size < types.length) throw invalidArgument();
  return new Set(types.length === 0 ? known : types);
}

const listServiceAccountKeys: ServiceMethod<ListServiceAccountKeysRequest, ListServiceAccountKeysResponse> = {
  name: "ListServiceAccountKeys",
  target: accountTarget,
  async run(world, principal, { name, keyTypes }) {
    const types = requireKeyTypes(keyTypes);
    const account = requireAccount(world, principal, name, "iam.serviceAccountKeys.list");
    const keys = await account.keys.publishedKeys();
    const formatted = keys.map((key) => formatKey(account, key, account.keys.userKeys.find(key.keyId)));
    return { keys: formatted.filter(({ keyType }) => types.has(keyType)) };
  },
};

interface FoundKey {
  readonly account: ServiceAccount;
  readonly key: PublishedKey;
  /** undefined for a system-managed one. */
  readonly userKey: UserKey | undefined;
}

async function requireKey(world: ServiceWorld, principal: string, name: string, permission: string): Promise<FoundKey> {
  const parsed = parseKeyName(name);
  if (parsed === undefined) throw invalidArgument();
  const account = requireAccount(world, principal, parsed.account, permission);
  const userKey = account.keys.userKeys.find(parsed.keyId);
  const key = userKey ?? (await account.keys.findPublishedKey(parsed.keyId));
  // memory, the text
  if (key === undefined) throw new ServiceError("NOT_FOUND", "Service account key does not exist.");
  return { account, key, userKey };
}

async function requireUserKey(
  world: ServiceWorld,
  principal: string,
  name: string,
  permission: string,
): Promise<{ account: ServiceAccount; userKey: UserKey }> {
  const { account, userKey } = await requireKey(world, principal, name, permission);
  if (userKey === undefined) throw preconditionFailed(); // nobody may delete Google's keys
  return { account, userKey };
}

function readPublicKey(key: PublishedKey, form: PublicKeyType): Buffer {
  if (form === PublicKeyType.TYPE_NONE) return Buffer.alloc(0);
  if (form === PublicKeyType.TYPE_X509_PEM_FILE) return Buffer.from(key.certificate);
  if (form === PublicKeyType.TYPE_RAW_PUBLIC_KEY) {
    return Buffer.from(key.publicKey.export({ type: "spki", format: "pem" }));
  }
  throw invalidArgument();
}

const getServiceAccountKey: ServiceMethod<GetServiceAccountKeyRequest, ServiceAccountKey> = {
  name: "GetServiceAccountKey",
  target: keyTarget,
  async run(world, principal, { name, publicKeyType }) {
    const { account, key, userKey } = await requireKey(world, principal, name, "iam.serviceAccountKeys.get");
    return { ...formatKey(account, key, userKey), publicKeyData: readPublicKey(key, publicKeyType) };
  },
};

function checkRoom(account: ServiceAccount): void {
  if (account.keys.userKeys.size >= MAX_USER_KEYS) throw preconditionFailed();
}

function requireModulusLength(algorithm: KeyAlgorithm): number {
  if (algorithm === KeyAlgorithm.KEY_ALG_RSA_1024) return 1024;
  const is2048 = algorithm === KeyAlgorithm.KEY_ALG_UNSPECIFIED || algorithm === KeyAlgorithm.KEY_ALG_RSA_2048;
  if (is2048) return 2048;
  throw invalidArgument();
}

function checkJsonFile(type: PrivateKeyType): void {
  if (type === PrivateKeyType.TYPE_PKCS12_FILE) {
    const message = "The emulator does not create PKCS #12 files: request TYPE_GOOGLE_CREDENTIALS_FILE.";
    throw new ServiceError("UNIMPLEMENTED", message);
  }
  const isJson = type === PrivateKeyType.TYPE_UNSPECIFIED || type === PrivateKeyType.TYPE_GOOGLE_CREDENTIALS_FILE;
  if (!isJson) throw invalidArgument();
}

const createServiceAccountKey: ServiceMethod<CreateServiceAccountKeyRequest, ServiceAccountKey> = {
  name: "CreateServiceAccountKey",
  target: accountTarget,
  async run(world, principal, { name, privateKeyType, keyAlgorithm }) {
    checkJsonFile(privateKeyType);
    const modulusLength = requireModulusLength(keyAlgorithm);
    const account = requireAccount(world, principal, name, "iam.serviceAccountKeys.create");
    checkAllowed(world.settings.organizationPolicies, "disableServiceAccountKeyCreation", formatName(account));
    checkRoom(account);
    const { userKeys } = account.keys;
    const key = await userKeys.whileReserved(() => account.keys.createUserKey(modulusLength));
    const file = buildKeyFile(account, key, world.url());
    return {
      ...formatKey(account, key, userKeys.find(key.keyId)),
      privateKeyType: PrivateKeyType.TYPE_GOOGLE_CREDENTIALS_FILE,
      privateKeyData: Buffer.from(`${JSON.stringify(file, undefined, 2)}\n`),
    };
  },
};

function readCertificate(bytes: Buffer, now: number): { readonly publicKey: KeyObject; readonly pem: string } {
  const text = bytes.toString("latin1");
  if (!/^-----BEGIN CERTIFICATE-----\r?\n[^-]+-----END CERTIFICATE-----\s*$/.test(text)) throw invalidArgument();
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(text);
  } catch {
    throw invalidArgument();
  }
  const { publicKey, validTo } = certificate;
  if (publicKey.asymmetricKeyType !== "rsa" || Date.parse(validTo) <= now) throw invalidArgument();
  return { publicKey, pem: certificate.toString() };
}

const uploadServiceAccountKey: ServiceMethod<UploadServiceAccountKeyRequest, ServiceAccountKey> = {
  name: "UploadServiceAccountKey",
  target: accountTarget,
  async run(world, principal, { name, publicKeyData }) {
    const { publicKey, pem } = readCertificate(publicKeyData, world.now());
    const account = requireAccount(world, principal, name, "iam.serviceAccountKeys.create");
    checkAllowed(world.settings.organizationPolicies, "disableServiceAccountKeyUpload", formatName(account));
    const keyId = keyIdOf(publicKey);
    if ((await account.keys.findPublishedKey(keyId)) !== undefined || account.keys.userKeys.find(keyId) !== undefined) {
      throw new ServiceError("ALREADY_EXISTS", "Service account key already exists.");
    }
    checkRoom(account);
    const key = account.keys.userKeys.add({ keyId, publicKey, certificate: pem }, "user");
    return formatKey(account, key, key);
  },
};

const deleteServiceAccountKey: ServiceMethod<DeleteServiceAccountKeyRequest, Empty> = {
  name: "DeleteServiceAccountKey",
  target: keyTarget,
  async run(world, principal, { name }) {
    const { account, userKey } = await requireUserKey(world, principal, name, "iam.serviceAccountKeys.delete");
    account.keys.userKeys.remove(userKey.keyId);
    return {};
  },
};

const disableServiceAccountKey: ServiceMethod<DisableServiceAccountKeyRequest, Empty> = {
  name: "DisableServiceAccountKey",
  target: keyTarget,
  async run(world, principal, { name }) {
    (await requireUserKey(world, principal, name, "iam.serviceAccountKeys.disable")).userKey.disabled = true;
    return {};
  },
};

const enableServiceAccountKey: ServiceMethod<EnableServiceAccountKeyRequest, Empty> = {
  name: "EnableServiceAccountKey",
  target: keyTarget,
  async run(world, principal, { name }) {
    (await requireUserKey(world, principal, name, "iam.serviceAccountKeys.enable")).userKey.disabled = false;
    return {};
  },
};

/** The methods for keys. */
export const keyMethods = {
  listServiceAccountKeys,
  getServiceAccountKey,
  createServiceAccountKey,
  uploadServiceAccountKey,
  deleteServiceAccountKey,
  disableServiceAccountKey,
  enableServiceAccountKey,
} as const;
