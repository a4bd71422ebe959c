// SPDX-License-Identifier: Apache-2.0
// The door `./grpc-js`: the transport over grpc-js, for who brings a channel, channel options or channel credentials. To import it is to
// put that transport at its label; the other doors come here by themselves, unless a bundler has cut the way.

import { GrpcJsTransport } from "./rpc/transport/grpc-js/grpc-js-transport.js";
import { provideGrpcJs } from "./rpc/transport-registry.js";

provideGrpcJs(GrpcJsTransport);

export type { ChannelClass, GrpcJsTransportSettings } from "./rpc/transport/grpc-js/grpc-js-transport.js";
export { GrpcJsTransport };
