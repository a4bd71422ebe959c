// SPDX-License-Identifier: Apache-2.0
// The token that the source credentials themselves call with: what a client would send, caught before it is sent.

import type * as FrontDoor from "../../index.js";
import type { CallOptions, ClientOptions, Transport } from "../../index.js";
import { EMULATOR_VARIABLE } from "./emulator-host.js";

/** The default scope of the program. The public modules don't export it. */
export const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/** What a call would have had as its metadata. */
type Headers = Readonly<Record<string, string>>;

const KEPT = ["authorization", "x-goog-user-project", "x-allowed-locations"];

// No call is sent: the answer is the metadata that it would have carried.
function mirror(host: string): Transport {
  return {
    kind: "mirror",
    host,
    async unary<_, Reply>({
      metadata,
    }: {
      readonly metadata: readonly (readonly [string, unknown])[];
    }): Promise<Reply> {
      const pairs = metadata.flatMap(([key, value]) => (KEPT.includes(key) ? [[key, String(value)] as const] : []));
      return Object.fromEntries(pairs) as Reply; // as: the row below says so
    },
    close: async () => undefined,
  };
}

/**
 * The headers by which credentials authorize a call.
 *
 * @throws CredentialsError when they give no token
 */
export async function ownHeaders(options: ClientOptions, call: CallOptions): Promise<Headers> {
  const { createServiceClient, rowFromStub } = require("../../index.js") as typeof FrontDoor; // its own type
  const stub = {
    path: "/iamcreds.Mirror/Look",
    requestStream: false,
    responseStream: false,
    requestSerialize: () => Buffer.alloc(0),
    responseDeserialize: (): Headers => ({}),
  } as const;
  const row = rowFromStub(stub, { normalize: (request: object) => request, respond: (reply: Headers) => reply });
  const service = {
    name: "Mirror",
    hostPrefix: "iamcredentials",
    scopes: [CLOUD_PLATFORM],
    emulatorVariable: EMULATOR_VARIABLE,
  };
  const client = createServiceClient(service, { look: row }, { ...options, transport: ({ target }) => mirror(target) });
  try {
    return await client.look({}, call);
  } finally {
    await client.close();
  }
}
