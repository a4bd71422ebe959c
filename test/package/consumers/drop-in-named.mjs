// SPDX-License-Identifier: Apache-2.0
// A program in ESM that imports the drop-in by name, as a whole and by default, as the original is imported.

import { startEmulator } from "iam-credentials-client/emulator";
import * as all from "iam-credentials-client/gapic";
import iam, { IAMCredentialsClient, protos, v1 } from "iam-credentials-client/gapic";
import { google } from "iam-credentials-client/gapic/protos";
import dropIn from "./drop-in.cjs";

// Node gives ESM the whole of a CommonJS module as its default, the original's no less.
const same = [
  v1.IAMCredentialsClient,
  iam.IAMCredentialsClient,
  iam.default.IAMCredentialsClient,
  all.v1.IAMCredentialsClient,
];
if (same.some((each) => each !== IAMCredentialsClient)) throw new Error("more than one class");
if (google !== protos.google) throw new Error("more than one set of message classes");
process.stdout.write(await dropIn({ IAMCredentialsClient, protos, startEmulator }));
