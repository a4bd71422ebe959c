// SPDX-License-Identifier: Apache-2.0
// What the original exports by default.

import { IAMCredentialsClient } from "./client.js";
import * as v1 from "./v1.js";

/** The client, and the same by version. */
export const defaultExport = { v1, IAMCredentialsClient };
