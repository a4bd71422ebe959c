// SPDX-License-Identifier: Apache-2.0
// What the client, its options and its errors are to the compiler. Never run: `tsc` reads it, and fails where a mistake is no
// error any more.

import {
  type AttemptReport,
  type CallOptions,
  type ClientOptions,
  type Clock,
  ConfigurationError,
  CredentialsError,
  type ErrorDetail,
  IAMCredentialsAsyncClient,
  RequestError,
  type RetryPolicy,
  RpcError,
  type ServiceAccountInfo,
  type StatusName,
  type TokenProvider,
  type Transport,
} from "../../src/index.js";
import type { IsExactly } from "./exact.js";

export async function construction(options: ClientOptions, info: ServiceAccountInfo): Promise<void> {
  await using client = new IAMCredentialsAsyncClient();
  new IAMCredentialsAsyncClient({});
  new IAMCredentialsAsyncClient(options);
  IAMCredentialsAsyncClient.fromServiceAccountFile("key.json");
  IAMCredentialsAsyncClient.fromServiceAccountJson("key.json", options);
  IAMCredentialsAsyncClient.fromServiceAccountInfo(info);
  const wholeFile = { type: "service_account", client_email: "a", private_key: "b", project_id: "c", token_uri: "d" };
  IAMCredentialsAsyncClient.fromServiceAccountInfo(wholeFile);
  true satisfies IsExactly<typeof client.apiEndpoint, string>;
  true satisfies IsExactly<typeof client.universeDomain, string>;
  true satisfies IsExactly<typeof client.transport, Transport>;
  await client.close();
  await client.close({ gracePeriod: 0 });

  // @ts-expect-error the endpoint is settled at construction
  client.apiEndpoint = "other";
  // @ts-expect-error an option that does not exist
  new IAMCredentialsAsyncClient({ projectId: "a" });
  // @ts-expect-error a token by itself is no provider
  new IAMCredentialsAsyncClient({ credentials: "ya29" });
  // @ts-expect-error scopes are text
  new IAMCredentialsAsyncClient({ scopes: 7 });
  // @ts-expect-error a signal makes no sense for all calls of a client
  new IAMCredentialsAsyncClient({ callDefaults: { signal: AbortSignal.abort() } });
  // @ts-expect-error a key lacks its e-mail
  IAMCredentialsAsyncClient.fromServiceAccountInfo({ private_key: "b" });
  // @ts-expect-error a grace period is a number of milliseconds
  await client.close({ gracePeriod: "10s" });
}

/** Whether every key of a type is optional and may be `undefined`. */
type IsOptional<Options> =
  Record<never, never> extends Options
    ? { readonly [Key in keyof Options]: undefined } extends Options
      ? true
      : false
    : false;
true satisfies IsOptional<ClientOptions>;
true satisfies IsOptional<CallOptions>;
false satisfies IsOptional<ServiceAccountInfo>;

export async function calls(client: IAMCredentialsAsyncClient): Promise<void> {
  const request = { name: "1", payload: "{}" };
  await client.signJwt(request, undefined);
  await client.signJwt(request, {});
  await client.signJwt(request, { timeout: 5_000, retry: false, signal: AbortSignal.timeout(5) });
  await client.signJwt(request, { retry: { maxAttempts: 3, codes: ["ABORTED"] }, metadata: { "x-a": "1" } });
  await client.signJwt(request, { metadata: [["x-a-bin", new Uint8Array(1)]] });
  await client.signJwt(request, { metadata: new Headers() });
  await client.signJwt(request, { onAttempt: ({ attempt, error }) => [attempt, error] });

  // @ts-expect-error an option that does not exist
  await client.signJwt(request, { deadline: 5 });
  // @ts-expect-error true says nothing of how
  await client.signJwt(request, { retry: true });
  // @ts-expect-error the key is called maxAttempts
  await client.signJwt(request, { retry: { maxRetries: 3 } });
  // @ts-expect-error codes go by name
  await client.signJwt(request, { retry: { codes: [14] } });
  // @ts-expect-error no such status
  await client.signJwt(request, { retry: { codes: ["UNREACHABLE"] } });
  // @ts-expect-error a value is text or bytes
  await client.signJwt(request, { metadata: { "x-a": 1 } });
  // @ts-expect-error a controller is no signal
  await client.signJwt(request, { signal: new AbortController() });
}

export function errors(error: unknown): void {
  if (error instanceof RpcError) {
    true satisfies IsExactly<typeof error.code, number>;
    true satisfies IsExactly<typeof error.status, StatusName>;
    true satisfies IsExactly<typeof error.attempts, number>;
    true satisfies IsExactly<typeof error.reason, string | undefined>;
    true satisfies IsExactly<typeof error.details, readonly ErrorDetail[]>;
    true satisfies IsExactly<typeof error.errorMetadata, Readonly<Record<string, string>> | undefined>;
    // @ts-expect-error no such status
    error.status === "DENIED";
    // @ts-expect-error an error is read, not written
    error.code = 0;
  } else if (error instanceof RequestError) {
    true satisfies IsExactly<typeof error.field, string>;
  } else if (error instanceof CredentialsError || error instanceof ConfigurationError) {
    // @ts-expect-error only an error of the service or the channel has a code
    error.code;
  }
}

export function ownImplementations(): void {
  ({ getRequestMetadata: () => ({ authorization: "Bearer t" }) }) satisfies TokenProvider;
  ({
    getRequestMetadata: async ({ signal }) => ({ authorization: `Bearer ${signal.aborted}` }),
  }) satisfies TokenProvider;
  // @ts-expect-error a provider answers with metadata, not with a bare token
  ({ getRequestMetadata: () => "t" }) satisfies TokenProvider;
  ({
    now: () => 0,
    wallNow: () => 0,
    random: () => 0,
    schedule: () => () => undefined,
  }) satisfies Clock;
  // @ts-expect-error a clock tells the wall's time, too
  ({ now: () => 0, random: () => 0, schedule: () => () => undefined }) satisfies Clock;
}

export function reports(report: AttemptReport, policy: RetryPolicy): void {
  true satisfies IsExactly<typeof report.nextDelayMs, number | undefined>;
  true satisfies IsExactly<keyof AttemptReport, "method" | "attempt" | "durationMs" | "error" | "nextDelayMs">;
  true satisfies IsExactly<typeof policy.codes, readonly StatusName[]>;
}

export function names(): void {
  true satisfies IsExactly<ReturnType<typeof IAMCredentialsAsyncClient.serviceAccountPath>, string>;
  const parts = IAMCredentialsAsyncClient.parseServiceAccountPath("");
  true satisfies IsExactly<typeof parts, { project?: string; serviceAccount?: string }>;
  // @ts-expect-error two parts are needed
  IAMCredentialsAsyncClient.serviceAccountPath("p");
}
