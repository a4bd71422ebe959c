// SPDX-License-Identifier: Apache-2.0
// The door `./grpc-js`: the transport over grpc-js, for callers that bring a channel, channel options or channel credentials. Importing it
// registers that transport under its label; the other doors load it by themselves, unless a bundler has cut them off.

import { GrpcJsTransport } from "./rpc/transport/grpc-js/grpc-js-transport.js";
import { provideGrpcJs } from "./rpc/transport-registry.js";

provideGrpcJs(GrpcJsTransport);

export type { ChannelClass, GrpcJsTransportSettings } from "./rpc/transport/grpc-js/grpc-js-transport.js";
export { GrpcJsTransport };
