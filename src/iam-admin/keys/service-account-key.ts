// SPDX-License-Identifier: Apache-2.0
// A key as the service keeps and hands it out. Enums are the names of the proto.

import type { Timestamp } from "../../base/timestamp.js";
import type { NewerValue } from "../../messages/plain-messages.js";

/** The algorithm and size of a key. Source: google.iam.admin.v1.ServiceAccountKeyAlgorithm. */
export type KeyAlgorithm = "KEY_ALG_UNSPECIFIED" | "KEY_ALG_RSA_1024" | "KEY_ALG_RSA_2048";

/** In which form a private key is handed out. Source: google.iam.admin.v1.ServiceAccountPrivateKeyType. */
export type PrivateKeyType = "TYPE_UNSPECIFIED" | "TYPE_PKCS12_FILE" | "TYPE_GOOGLE_CREDENTIALS_FILE";

/** In which form a public key is handed out. Source: google.iam.admin.v1.ServiceAccountPublicKeyType. */
export type PublicKeyType = "TYPE_NONE" | "TYPE_X509_PEM_FILE" | "TYPE_RAW_PUBLIC_KEY";

/** Where a key was made. Source: google.iam.admin.v1.ServiceAccountKeyOrigin. */
export type KeyOrigin = "ORIGIN_UNSPECIFIED" | "USER_PROVIDED" | "GOOGLE_PROVIDED";

/** Who manages a key. Source: google.iam.admin.v1.ListServiceAccountKeysRequest.KeyType. */
export type KeyType = "KEY_TYPE_UNSPECIFIED" | "USER_MANAGED" | "SYSTEM_MANAGED";

/** A key of a service account. Source: google.iam.admin.v1.ServiceAccountKey. */
export interface ServiceAccountKey {
  /** `projects/{project}/serviceAccounts/{email}/keys/{key id}`. */
  readonly name: string;
  /** The form of `privateKeyData`. Only in what CreateServiceAccountKey answers. */
  readonly privateKeyType: PrivateKeyType | NewerValue;
  /** Algorithm and size. */
  readonly keyAlgorithm: KeyAlgorithm | NewerValue;
  /** The private key: a credentials file in JSON, or PKCS #12. Only in what CreateServiceAccountKey answers. A secret. */
  readonly privateKeyData: Buffer;
  /** The public key, in the form that GetServiceAccountKey was asked for; empty otherwise. */
  readonly publicKeyData: Buffer;
  /** When it becomes valid. */
  readonly validAfterTime: Timestamp | undefined;
  /** When it expires. */
  readonly validBeforeTime: Timestamp | undefined;
  /** Where it was made. */
  readonly keyOrigin: KeyOrigin | NewerValue;
  /** Who manages it. */
  readonly keyType: KeyType | NewerValue;
  /** Whether it is switched off. */
  readonly disabled: boolean;
}
