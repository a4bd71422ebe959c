// SPDX-License-Identifier: Apache-2.0
// The door of the drop-in: the exports of `@google-cloud/iam-credentials`, no logic.

import { IAMCredentialsClient } from "./client.js";
import * as protos from "./protos.js";
import * as v1 from "./v1.js";

export type { CallOptions, RetryOptions } from "./call-options.js";
export type { Callback, Descriptors } from "./client.js";
export type { BackoffSettings, ClientConfig, MethodConfig, RetryParameters, ServiceConfig } from "./client-config.js";
export type { ClientOptions } from "./client-options.js";
export { IAMCredentialsClient, protos, v1 };

// biome-ignore lint/style/noDefaultExport: the original has one, and programs import it.
export default { v1, IAMCredentialsClient };
