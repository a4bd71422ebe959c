// SPDX-License-Identifier: Apache-2.0
// What requests and responses are to the compiler. Never run: `tsc` reads it, and fails where a mistake is no error any more.

import type {
  GenerateAccessTokenRequest,
  GenerateAccessTokenResponse,
  GenerateIdTokenResponse,
  IAMCredentialsAsyncClient,
  SignBlobResponse,
  SignJwtResponse,
  Timestamp,
} from "../../src/index.js";
import type { IsExactly } from "./exact.js";

const name = "robot@demo-project.iam.gserviceaccount.com";

export async function requests(client: IAMCredentialsAsyncClient): Promise<void> {
  const scope = ["openid"];
  await client.generateAccessToken({ name, scope });
  await client.generateAccessToken({ name, scope: ["openid"] as const, delegates: [name] as const });
  await client.generateAccessToken({ name, scope, delegates: undefined, lifetime: undefined });
  for (const lifetime of [900, "900s", { seconds: 900 }, { seconds: "900", nanos: 1 }, { nanos: 1 }]) {
    await client.generateAccessToken({ name, scope, lifetime });
  }
  await client.generateIdToken({ name, audience: "a" });
  await client.generateIdToken({ name, audience: "a", includeEmail: true, delegates: [] });
  await client.signBlob({ name, payload: Buffer.from("a") });
  await client.signBlob({ name, payload: new Uint8Array(1) });
  await client.signJwt({ name, payload: "{}" });
  await client.signJwt({ name, payload: { sub: "a", nested: { list: [1] } } });
}

export async function mistakes(client: IAMCredentialsAsyncClient): Promise<void> {
  // @ts-expect-error a request is needed
  await client.generateAccessToken();
  // @ts-expect-error the name is needed
  await client.generateAccessToken({ scope: ["openid"] });
  // @ts-expect-error the scope is needed
  await client.generateAccessToken({ name });
  // @ts-expect-error the scope is text or a list
  await client.generateAccessToken({ name, scope: 7 });
  // @ts-expect-error a field that does not exist
  await client.generateAccessToken({ name, scope: ["openid"], scopes: ["openid"] });
  // @ts-expect-error delegates are a list
  await client.generateAccessToken({ name, scope: ["openid"], delegates: name });
  // @ts-expect-error a lifetime is no Date
  await client.generateAccessToken({ name, scope: ["openid"], lifetime: new Date() });
  // @ts-expect-error the audience is needed
  await client.generateIdToken({ name });
  // @ts-expect-error a flag is a boolean
  await client.generateIdToken({ name, audience: "a", includeEmail: "true" });
  // @ts-expect-error bytes, not text
  await client.signBlob({ name, payload: "a" });
  // @ts-expect-error a claims set is no number
  await client.signJwt({ name, payload: 7 });
  // @ts-expect-error the payload is needed
  await client.signJwt({ name });
}

export function requestsAreReadOnly(request: GenerateAccessTokenRequest): void {
  // @ts-expect-error nobody writes into a caller's request
  request.name = "other";
  // @ts-expect-error nor into its lists
  request.scope.push("openid");
}

export async function responses(client: IAMCredentialsAsyncClient): Promise<void> {
  const accessToken = await client.generateAccessToken({ name, scope: ["openid"] });
  true satisfies IsExactly<typeof accessToken, GenerateAccessTokenResponse>;
  true satisfies IsExactly<typeof accessToken.accessToken, string>;
  true satisfies IsExactly<typeof accessToken.expireTime, Timestamp>;
  true satisfies IsExactly<typeof accessToken.expireTime.seconds, number>;
  true satisfies IsExactly<typeof accessToken.expireTime.nanos, number>;
  true satisfies IsExactly<ReturnType<typeof accessToken.expireTime.toDate>, Date>;
  true satisfies IsExactly<keyof GenerateAccessTokenResponse, "accessToken" | "expireTime">;

  const idToken = await client.generateIdToken({ name, audience: "a" });
  true satisfies IsExactly<typeof idToken, GenerateIdTokenResponse>;
  true satisfies IsExactly<keyof GenerateIdTokenResponse, "token">;
  true satisfies IsExactly<typeof idToken.token, string>;

  const blob = await client.signBlob({ name, payload: Buffer.from("a") });
  true satisfies IsExactly<typeof blob, SignBlobResponse>;
  true satisfies IsExactly<keyof SignBlobResponse, "keyId" | "signedBlob">;
  true satisfies IsExactly<typeof blob.signedBlob, Buffer>;

  const jwt = await client.signJwt({ name, payload: "{}" });
  true satisfies IsExactly<typeof jwt, SignJwtResponse>;
  true satisfies IsExactly<keyof SignJwtResponse, "keyId" | "signedJwt">;
  true satisfies IsExactly<typeof jwt.signedJwt, string>;

  // @ts-expect-error a response is no list, as other clients have it
  const [_response] = await client.signJwt({ name, payload: "{}" });
  // @ts-expect-error nobody writes into a response
  jwt.signedJwt = "other";
}
