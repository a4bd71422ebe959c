// SPDX-License-Identifier: Apache-2.0
// A program that does what the drop-in warns of, and prints each warning.

import { IAMCredentialsClient } from "../../../src/gapic/index.js";

const print = (line: string): void => void process.stdout.write(`${line}\n`);

process.on("warning", ({ name, message }) => print(`${name}: ${message}`));
for (let read = 0; read < 2; read++) {
  print(`${IAMCredentialsClient.servicePath} ${IAMCredentialsClient.apiEndpoint}`);
}
const client = new IAMCredentialsClient();
for (const text of ["first", "second"]) client.warn("a-code", text, "OwnWarning");
