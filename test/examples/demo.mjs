// SPDX-License-Identifier: Apache-2.0
// `npm run demo`: mints and signs against a local emulator, and has an independent library verify every result.

import { createVerify } from "node:crypto";
import { IAMCredentialsClient } from "@google-cloud/iam-credentials";
import grpc from "@grpc/grpc-js";
import { IAMCredentialsAsyncClient, RpcError } from "iam-credentials-client";
import { startEmulator } from "iam-credentials-client/emulator";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";

const CREATOR = "roles/iam.serviceAccountTokenCreator";
const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";
const user = "user:dana@example.com";
const [first, second, target] = ["build", "release", "production"].map(
  (id) => `${id}@demo-project.iam.gserviceaccount.com`,
);

const styled = (code) => (text) => (process.stdout.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text);
const [bold, dim, green, red] = [1, 2, 32, 31].map(styled);
const say = (text = "") => process.stdout.write(`${text}\n`);
const shortened = (secret) => `${secret.slice(0, 14)}… (${secret.length} characters)`;
const line = (label, text) => say(`    ${dim(label.padEnd(13))}${text}`);

const short = (principal) => principal.replace(/^\w+:/, "").replace(/@.*/, "");

function heading(title, ...principals) {
  say(`\n  ${bold(title)}  ${dim(principals.map(short).join(" → "))}`);
}

function verified(what) {
  say(`    ${green("✓ verified")}   ${what}`);
}

/** Uses an access token with a client that nobody here wrote. */
async function callWithGooglesClient(emulator, accessToken) {
  const [apiEndpoint, port] = emulator.host.split(":");
  const google = new IAMCredentialsClient({
    apiEndpoint,
    port: Number(port),
    sslCreds: grpc.credentials.createInsecure(),
    credentials: { client_email: "unused@example.com", private_key: "unused" },
  });
  const headers = { authorization: `Bearer ${accessToken}` };
  const name = IAMCredentialsAsyncClient.serviceAccountPath("-", target);
  await google.signBlob({ name, payload: Buffer.from("who am I?") }, { otherArgs: { headers } });
  await google.close();
}

/** The four methods, each result checked by somebody else. */
async function mintAndSign(client, emulator, delegates) {
  const account = { name: target, delegates };
  const accountKeys = createRemoteJWKSet(new URL(`${emulator.url}/service_accounts/v1/metadata/jwk/${target}`));

  const access = await client.generateAccessToken({ ...account, scope: [CLOUD_PLATFORM], lifetime: "900s" });
  line("access token", shortened(access.accessToken));
  await callWithGooglesClient(emulator, access.accessToken);
  const { principal } = emulator.calls().at(-1);
  verified(`Google's own client calls with it as ${short(principal)}`);
  line("", `good until ${access.expireTime.toDate().toISOString()}`);

  const { token } = await client.generateIdToken({ ...account, audience: "https://shop.example", includeEmail: true });
  line("ID token", shortened(token));
  const googleKeys = createRemoteJWKSet(new URL(`${emulator.url}/oauth2/v3/certs`));
  const { payload: claims } = await jwtVerify(token, googleKeys, {
    issuer: "https://accounts.google.com",
    audience: "https://shop.example",
  });
  verified(`jose: signed by the published key, aud ${claims.aud}, email of ${short(claims.email)}`);

  const payload = Buffer.from("a release manifest");
  const { keyId, signedBlob } = await client.signBlob({ ...account, payload });
  line("signed blob", `${signedBlob.length} bytes by key ${keyId.slice(0, 12)}…`);
  const certificates = await (await fetch(`${emulator.url}/service_accounts/v1/metadata/x509/${target}`)).json();
  const isRight = createVerify("RSA-SHA256").update(payload).verify(certificates[keyId], signedBlob);
  if (!isRight) throw new Error("the signature of the blob is wrong");
  verified("OpenSSL: right for the account's X.509 certificate");

  const inAnHour = Math.floor(Date.now() / 1000) + 3600;
  const { signedJwt } = await client.signJwt({ ...account, payload: { sub: "robot-7", exp: inAnHour } });
  line("signed JWT", shortened(signedJwt));
  const { payload: signed } = await jwtVerify(signedJwt, accountKeys);
  verified(`jose: ${decodeProtectedHeader(signedJwt).alg}, sub ${signed.sub}, by the account's key`);
}

async function showDenied(emulator) {
  const stranger = new IAMCredentialsAsyncClient(emulator.clientOptions("user:mallory@example.com"));
  try {
    await stranger.signJwt({ name: target, payload: { sub: "admin" } });
    throw new Error("the call should have been denied");
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    say(`    ${red("✗ denied")}     ${error.message}`);
    line("code", `${error.code} ${error.status}, after ${error.attempts} attempt`);
    line("reason", `${error.reason} in ${error.domain}`);
    line("permission", error.errorMetadata.permission);
  } finally {
    await stranger.close();
  }
}

const startedAt = performance.now();
const emulator = await startEmulator({
  serviceAccounts: [first, second, target],
  grants: [
    { member: user, role: CREATOR, serviceAccount: target },
    { member: user, role: CREATOR, serviceAccount: first },
    { member: `serviceAccount:${first}`, role: CREATOR, serviceAccount: second },
    { member: `serviceAccount:${second}`, role: CREATOR, serviceAccount: target },
    // An account has no rights on itself unless somebody grants them: the first thing that people trip over.
    { member: `serviceAccount:${target}`, role: CREATOR, serviceAccount: target },
  ],
});
const client = new IAMCredentialsAsyncClient(emulator.clientOptions(user));

say(`\n  An emulator of the IAM Service Account Credentials API listens on ${bold(emulator.host)} (gRPC and HTTP).`);
say(`  ${dim(`${user} holds no key. What follows is signed with RSA keys that never leave the emulator.`)}`);

heading("Directly", user, target);
await mintAndSign(client, emulator, []);

heading("Through a chain of two delegates", user, first, second, target);
await mintAndSign(client, emulator, [first, second]);

heading("Without the role", "user:mallory@example.com", target);
await showDenied(emulator);

await client.close();
await emulator.close();
say(`\n  ${dim(`Done in ${Math.round(performance.now() - startedAt)} ms.`)}\n`);
