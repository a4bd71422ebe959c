// SPDX-License-Identifier: Apache-2.0
// A client over a plain connection, and the request that tests of the connection make with it. Programs that tests start use it, too, so
// it knows nothing of Jest.

import { type ClientOptions, IAMCredentialsAsyncClient } from "../../src/index.js";
import { transportOfTurn } from "./transport-of-turn.js";

/** A request that nobody here looks into. */
export const REQUEST = { name: "robot@some-project.iam.gserviceaccount.com", payload: Buffer.from("blob") };

/** A client to a host on this machine, with a token that is none. */
export function plainClient(host: string, options: ClientOptions = {}): IAMCredentialsAsyncClient {
  return new IAMCredentialsAsyncClient({
    apiEndpoint: host,
    insecure: true,
    transport: transportOfTurn(),
    credentials: { getRequestMetadata: () => ({ authorization: "Bearer some-token" }) },
    ...options,
  });
}
