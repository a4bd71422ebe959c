// SPDX-License-Identifier: Apache-2.0
// A strict TypeScript program in CommonJS. It is compiled, never run.

import iam = require("iam-credentials-client");

import { startEmulator } from "iam-credentials-client/emulator";

async function main(): Promise<iam.Timestamp> {
  const emulator = await startEmulator();
  const client = new iam.IAMCredentialsAsyncClient({ ...emulator.clientOptions("user:a@b.c"), clientInfo: false });
  const { expireTime } = await client.generateAccessToken({ name: "n", scope: ["s"] });
  // @ts-expect-error: a status has a number
  const code: string = iam.Status.OK;
  return code === "0" ? expireTime : Promise.reject(new iam.RequestError("name", "is wrong"));
}

export = main;
