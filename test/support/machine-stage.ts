// SPDX-License-Identifier: Apache-2.0
// A machine with two service accounts: a metadata server whose access tokens an emulator takes, in an environment that names it.

import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { setEnvironment } from "./bare-environment.js";
import type { HttpStage } from "./http-stage.js";
import { startMetadataStage } from "./metadata-stage.js";

/** The default account. */
export const MACHINE = "machine@my-project.iam.gserviceaccount.com";
export const OTHER = "other@my-project.iam.gserviceaccount.com";

/** The scope of the default account. */
export const CLOUD = "https://www.googleapis.com/auth/cloud-platform";
/** The scope of the other. */
export const STORAGE = "https://www.googleapis.com/auth/devstorage.read_only";

/** The stage. */
export interface MachineStage extends AsyncDisposable {
  readonly emulator: Emulator;
  readonly metadata: HttpStage;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens the stage: each account may act as itself. */
export async function openMachineStage(): Promise<MachineStage> {
  const emulator = await startEmulator({
    serviceAccounts: [MACHINE, OTHER],
    grants: [MACHINE, OTHER].map((email) => ({
      member: `serviceAccount:${email}`,
      role: "roles/iam.serviceAccountTokenCreator",
      serviceAccount: email,
    })),
  });
  const metadata = await startMetadataStage({
    accounts: { [MACHINE]: [CLOUD], [OTHER]: [STORAGE] },
    accessToken: (email) => emulator.accessToken(`serviceAccount:${email}`),
    idToken: (email, aud, format) => idToken({ aud, email, format }),
  });
  const restore = setEnvironment({ GCE_METADATA_HOST: metadata.host });
  return {
    emulator,
    metadata,
    async [Symbol.asyncDispose]() {
      restore();
      await metadata.close();
      await emulator.close();
    },
  };
}

/** An ID token, good for an hour, which nobody signed. */
export function idToken(claims: object): string {
  const iat = Math.floor(Date.now() / 1000);
  const parts = ["{}", JSON.stringify({ ...claims, iat, exp: iat + 3600 }), "signature"];
  return parts.map((part) => Buffer.from(part).toString("base64url")).join(".");
}
