// SPDX-License-Identifier: Apache-2.0
// A program that calls through the drop-in without credentials, then with those of another universe, and goes on living.

import { IAMCredentialsClient } from "../../../src/gapic/index.js";

const key = { client_email: "robot@p.iam.gserviceaccount.com", private_key: "none" };
const elsewhere = { ...key, type: "service_account", universe_domain: "elsewhere.example" };

async function attempt(client: IAMCredentialsClient): Promise<string> {
  return client.signJwt({ name: "n", payload: "{}" }).then(
    () => "answered",
    (error: Error) => error.message.split(".")[0] ?? "",
  );
}

async function main(): Promise<void> {
  const lines = [
    await attempt(new IAMCredentialsClient()),
    await attempt(new IAMCredentialsClient({ credentials: elsewhere })),
  ];
  const told = await new Promise<Error | null | undefined>((resolve) => {
    new IAMCredentialsClient().signJwt({ name: "n", payload: "{}" }, (error) => resolve(error));
  });
  lines.push(`callback: ${told?.message.split(".")[0]}`);
  // A turn later, when a rejection that nobody handles would have ended the process.
  setImmediate(() => process.stdout.write(`${lines.join("\n")}\nalive\n`));
}

void main();
