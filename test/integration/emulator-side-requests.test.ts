// SPDX-License-Identifier: Apache-2.0
// With IAM_CREDENTIALS_EMULATOR_HOST set, requests beside the calls of the API go to the emulator, and never to Google.

import { startEmulator } from "../../src/emulator/index.js";
import { IAMCredentialsAsyncClient, ImpersonatedCredentials, Verifier } from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";

it("a verifier's keys and the token endpoint of a subject are the emulator's", async () => {
  await using emulator = await startEmulator({ serviceAccounts: [ROBOT] });
  const restore = setEnvironment({ IAM_CREDENTIALS_EMULATOR_HOST: emulator.host });
  try {
    await using client = new IAMCredentialsAsyncClient();
    const payload = Buffer.from("to be signed");
    const { signedBlob: signature, keyId } = await client.signBlob({ name: ROBOT, payload });
    expect(await new Verifier().verifyBlob({ serviceAccount: ROBOT, payload, signature })).toEqual({ keyId });

    const robot = new ImpersonatedCredentials({ client, targetPrincipal: ROBOT, subject: "eve@example.com" });
    // Whether the emulator grants the delegation or not: it was asked.
    const outcome = await robot.refresh().then(
      () => robot.token ?? "",
      (error: unknown) => String(error),
    );
    expect(outcome).toMatch(
      new RegExp(`^(ya29|CredentialsError: the token endpoint http://${emulator.host}/token returned )`),
    );
  } finally {
    restore();
  }
});
