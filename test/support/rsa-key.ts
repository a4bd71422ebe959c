// SPDX-License-Identifier: Apache-2.0
// A service-account key file with a real RSA key, made anew in each process.

import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** The contents of a key file and the public half of its key. */
export interface KeyFile {
  readonly info: {
    readonly type: string;
    readonly project_id: string;
    readonly private_key_id: string;
    readonly private_key: string;
    readonly client_email: string;
    readonly client_id: string;
    readonly token_uri: string;
  };
  readonly publicKey: KeyObject;
}

/** Generates one. */
export function generateKeyFile(): KeyFile {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    publicKey,
    info: {
      type: "service_account",
      project_id: "demo-project",
      private_key_id: "0123456789abcdef0123456789abcdef01234567",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      client_email: "robot@demo-project.iam.gserviceaccount.com",
      client_id: "107517467455664443765",
      token_uri: "https://oauth2.googleapis.com/token",
    },
  };
}
