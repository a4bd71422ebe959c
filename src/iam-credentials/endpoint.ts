// SPDX-License-Identifier: Apache-2.0
// How a client of this service would choose its endpoint, without constructing one. Opens nothing.

import type { ClientOptions } from "../client/client-options.js";
import type { EndpointExplanation } from "../client/endpoint/explain-endpoint.js";
import { IAMCredentialsAsyncClient } from "./client.js";

/**
 * How a client with these options would choose its endpoint, universe and certificate: what was looked at, which rule won, what came
 * out, and the error that the client would throw. Opens no connection and holds no secret.
 *
 * @throws ConfigurationError when an option is of the wrong kind
 */
export function explainEndpoint(options: ClientOptions = {}): EndpointExplanation {
  return IAMCredentialsAsyncClient.explainEndpoint(options);
}
