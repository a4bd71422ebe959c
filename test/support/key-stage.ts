// SPDX-License-Identifier: Apache-2.0
// An account whose keys are made, and a folder that their files go to.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GrantStage, openGrantStage, ROBOT } from "./grant-stage.js";
import { plantSecret } from "./secrets.js";

/** The stage: keys are made of ROBOT by ADMIN. */
export interface KeyStage extends GrantStage {
  /** Empty, and gone with the stage. */
  readonly folder: string;
  /** The path of a file in the folder, which is not there yet. */
  readonly file: string;
  /** Makes a key, which must not come to light in an error or a log line from then on. @param keyAlgorithm default: the one made fastest */
  createKey(keyAlgorithm?: "KEY_ALG_RSA_1024" | "KEY_ALG_RSA_2048"): ReturnType<typeof createPlantedKey>;
  /** The calls so far, each as `CreateServiceAccountKey OK`. */
  methods(): string[];
}

async function createPlantedKey({ admin }: GrantStage, keyAlgorithm: "KEY_ALG_RSA_1024" | "KEY_ALG_RSA_2048") {
  const info = await admin.createKey({ name: ROBOT, keyAlgorithm });
  plantSecret("a new private key", info.private_key);
  return info;
}

/** Opens the stage. @param transport of all its clients */
export async function openKeyStage(transport: "grpc" | "rest"): Promise<KeyStage> {
  const stage = await openGrantStage(transport);
  const folder = mkdtempSync(join(tmpdir(), "admin-keys-"));
  return {
    ...stage,
    folder,
    file: join(folder, "robot.json"),
    createKey: (keyAlgorithm = "KEY_ALG_RSA_1024") => createPlantedKey(stage, keyAlgorithm),
    methods: () => stage.emulator.calls().map(({ method, status }) => `${method} ${status}`),
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
