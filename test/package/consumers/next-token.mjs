// SPDX-License-Identifier: Apache-2.0
// A route of Next.js that mints a token, over the transport that it is asked for.

import { IAMCredentialsAsyncClient } from "iam-credentials-client";

const name = "robot@demo-project.iam.gserviceaccount.com";

export async function GET({ nextUrl }) {
  let client;
  try {
    client = new IAMCredentialsAsyncClient({ transport: nextUrl.searchParams.get("transport") });
    const { token } = await client.generateIdToken({ name, audience: "https://example.com" });
    return new Response(`minted ${token.split(".").length} parts`);
  } catch (error) {
    return new Response(String(error), { status: 500 });
  } finally {
    await client?.close();
  }
}
