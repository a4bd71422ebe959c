// SPDX-License-Identifier: Apache-2.0
// The door of the drop-in: the exports of `@google-cloud/iam-credentials`, no logic.

export type { CallOptions, RetryOptions } from "./call/gax-call-options.js";
export type { GoogleErrorLike } from "./call/google-error.js";
export { type Callback, type Descriptors, IAMCredentialsClient } from "./client.js";
// biome-ignore lint/style/noDefaultExport: the original has one, and programs import it.
export { defaultExport as default } from "./default-export.js";
export * as protos from "./protos.js";
export type { ChannelCredentials, GrpcModule, Metadata } from "./stub/channel-library.js";
export type {
  BackoffSettings,
  ClientConfig,
  MethodConfig,
  RetryParameters,
  ServiceConfig,
} from "./stub/client-config.js";
export type { ClientOptions } from "./stub/gax-client-options.js";
export * as v1 from "./v1.js";
