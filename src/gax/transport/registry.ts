// SPDX-License-Identifier: Apache-2.0
// From a label to a transport. The only file that names an implementation, and it loads one only when it is asked for.

import { ConfigurationError } from "../errors.js";
import type { GrpcTransportSettings } from "./grpc/grpc-transport.js";
import type { RestTransportSettings } from "./rest/rest-transport.js";
import type { Transport } from "./transport.js";

/** What any transport may be made of. */
export type TransportSettings = GrpcTransportSettings & RestTransportSettings;

type Factory = (settings: TransportSettings) => Transport;

const loadGrpc = (): Factory => {
  // require, not import: a process that brings a transport of its own must not pay for grpc-js.
  const { GrpcTransport } = require("./grpc/grpc-transport.js") as typeof import("./grpc/grpc-transport.js");
  return (settings) => new GrpcTransport(settings);
};

const loadRest = (): Factory => {
  // require, not import: a process that speaks gRPC must not pay for it.
  const { RestTransport } = require("./rest/rest-transport.js") as typeof import("./rest/rest-transport.js");
  return (settings) => {
    const { channel, channelOptions } = settings;
    const foreign =
      channel === undefined ? Object.keys(channelOptions).map((key) => `channelOptions["${key}"]`)[0] : "channel";
    if (foreign !== undefined) throw new ConfigurationError(`${foreign}: is nothing for the transport "rest"`);
    return new RestTransport(settings);
  };
};

const LOADERS: ReadonlyMap<string, () => Factory> = new Map([
  ["grpc", loadGrpc],
  // The label that Python's async client uses.
  ["grpc_asyncio", loadGrpc],
  ["rest", loadRest],
]);

/**
 * Makes the transport of a label.
 *
 * @throws ConfigurationError listing the labels when there is no such
 */
export function buildTransport(label: string, settings: TransportSettings): Transport {
  const load = LOADERS.get(label);
  if (load === undefined) {
    const labels = [...LOADERS.keys()].map((known) => `"${known}"`).join(", ");
    throw new ConfigurationError(`transport: there is no "${label}"; there are ${labels}`);
  }
  return load()(settings);
}
