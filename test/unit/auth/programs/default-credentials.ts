// SPDX-License-Identifier: Apache-2.0
// A program that calls twice with application default credentials and tells, as a line of JSON, what came of it. It looks
// only where its environment says, and a rejection that nobody handles ends it with another exit code.

import "../../../../src/google-auth-library.js"; // the program is bundled
import { type ClientOptions, CredentialsError, IAMCredentialsAsyncClient } from "../../../../src/index.js";
import { reply, ScriptedTransport } from "../../../support/scripted-transport.js";

const isLibraryLoaded = () => Object.keys(require.cache).some((path) => path.includes("google-auth-library"));

async function main(): Promise<void> {
  const transport = new ScriptedTransport(reply({ keyId: "k", signedBlob: Buffer.from("s") }));
  const credentialsFile = process.env["TEST_CREDENTIALS_FILE"];
  const scopes = process.env["TEST_SCOPES"]?.split(" ");
  const options: ClientOptions = { transport: () => transport, credentialsFile, scopes };
  const client = new IAMCredentialsAsyncClient(options);
  const loadedBefore = isLibraryLoaded();
  const outcomes: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    const betweenCalls = process.env["TEST_BETWEEN_CALLS"];
    if (i > 0 && betweenCalls !== undefined) await fetch(betweenCalls);
    try {
      await client.signBlob({ name: "1234567890", payload: Buffer.from("x") });
      outcomes.push("an answer");
    } catch (error) {
      if (!(error instanceof CredentialsError)) throw error;
      outcomes.push({ message: error.message, cause: String(error.cause) });
    }
  }
  const bearers = transport.calls.map((_, index) => String(transport.valuesOf(index, "authorization")));
  process.stdout.write(JSON.stringify({ loadedBefore, loadedAfter: isLibraryLoaded(), outcomes, bearers }));
}

void main();
