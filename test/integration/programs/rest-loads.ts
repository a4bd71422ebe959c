// SPDX-License-Identifier: Apache-2.0
// Makes a call over REST and tells which heavy packages were loaded for it; then the same for a client with its own roots.

import { rootCertificates } from "node:tls";
import { IAMCredentialsAsyncClient } from "../../../src/index.js";

const HEAVY = ["@grpc/grpc-js", "google-auth-library", "google-gax", "protobufjs"];

function loaded(): string[] {
  const paths = Object.keys(require.cache).map((path) => path.replaceAll("\\", "/"));
  return HEAVY.filter((name) => paths.some((path) => path.includes(`/node_modules/${name}/`)));
}

async function main(): Promise<void> {
  const credentials = { getRequestMetadata: () => ({ authorization: "Bearer x" }) };
  const apiEndpoint = process.env["HOST"] ?? "";
  const client = new IAMCredentialsAsyncClient({ transport: "rest", apiEndpoint, insecure: true, credentials });
  await client.generateAccessToken({ name: "robot@p.iam.gserviceaccount.com", scope: ["s"] });
  await client.close();
  const plain = loaded();
  const roots = rootCertificates.slice(0, 1).join("");
  await new IAMCredentialsAsyncClient({ transport: "rest", rootCertificates: roots, credentials }).close();
  process.stdout.write(JSON.stringify({ plain, withRoots: loaded() }));
}

void main();
