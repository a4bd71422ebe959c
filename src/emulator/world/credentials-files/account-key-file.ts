// SPDX-License-Identifier: Apache-2.0
// Decides what a credentials file of a service account's key says. Makes no key.

import type { ServiceAccount } from "../accounts/account-book.js";
import type { SigningKey } from "../keys/key-pair.js";

/** A service-account credentials file, field for field as Google's console writes it. */
export interface ServiceAccountKeyFile {
  /** What kind of credentials these are. */
  readonly type: "service_account";
  /** The account's project, read from its e-mail. */
  readonly project_id: string;
  /** The key's id, 40 hexadecimal digits. */
  readonly private_key_id: string;
  /** The private key, PKCS #8 in PEM. The emulator keeps no copy. */
  readonly private_key: string;
  /** The account's e-mail. */
  readonly client_email: string;
  /** The account's unique id. */
  readonly client_id: string;
  /** Where users would log in; unused with this file. */
  readonly auth_uri: string;
  /** The token endpoint: at the emulator, so that no assertion ever leaves the machine. */
  readonly token_uri: string;
  /** Google's certificates, as the emulator publishes them. */
  readonly auth_provider_x509_cert_url: string;
  /** The account's certificates, as the emulator publishes them. */
  readonly client_x509_cert_url: string;
  /** Always Google's default universe. */
  readonly universe_domain: "googleapis.com";
}

/**
 * Builds the credentials file of a key.
 *
 * @param url the emulator's URL, without a trailing slash
 */
export function buildKeyFile(account: ServiceAccount, key: SigningKey, url: string): ServiceAccountKeyFile {
  return {
    type: "service_account",
    project_id: account.projectId,
    private_key_id: key.keyId,
    private_key: key.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    client_email: account.email,
    client_id: account.uniqueId,
    auth_uri: "https://accounts.google.com/o/oauth2/auth",
    token_uri: `${url}/token`,
    auth_provider_x509_cert_url: `${url}/oauth2/v1/certs`,
    client_x509_cert_url: `${url}/robot/v1/metadata/x509/${encodeURIComponent(account.email)}`,
    universe_domain: "googleapis.com",
  };
}
