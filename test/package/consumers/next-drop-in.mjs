// SPDX-License-Identifier: Apache-2.0
// A route of Next.js that mints a token with the drop-in.

import { IAMCredentialsClient } from "iam-credentials-client/gapic";

const name = "projects/-/serviceAccounts/robot@demo-project.iam.gserviceaccount.com";

export async function GET() {
  const client = new IAMCredentialsClient();
  try {
    const [{ token }] = await client.generateIdToken({ name, audience: "https://example.com" });
    return new Response(`minted ${token.split(".").length} parts`);
  } catch (error) {
    return new Response(String(error), { status: 500 });
  } finally {
    await client.close();
  }
}
