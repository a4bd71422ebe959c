// SPDX-License-Identifier: Apache-2.0
// Maps labels to transports. The only file that names implementations; it loads one only when it is needed.

import { ConfigurationError } from "../base/errors.js";
import { loadDoor } from "../base/load-door.js";
import type { GrpcTransportSettings } from "./transport/grpc/grpc-settings.js";
import type { GrpcJsTransportSettings } from "./transport/grpc-js/grpc-js-transport.js";
import type { RestTransportSettings } from "./transport/rest/rest-transport.js";
import type { Transport } from "./transport/transport.js";

/** The settings of any transport. */
export type TransportSettings = GrpcTransportSettings & GrpcJsTransportSettings & RestTransportSettings;

/** The class of a transport, as {@link getTransportClass} returns it and {@link registerTransport} takes it. */
export type TransportClass = new (settings: TransportSettings) => Transport;

/** The default label. */
export const DEFAULT_TRANSPORT = "grpc";

/** The label of the transport over grpc-js. */
const GRPC_JS = "grpc-js";

const loadGrpc = (): TransportClass => {
  // require, not import: a process that brings a transport of its own must not pay for it.
  const { GrpcTransport } =
    require("./transport/grpc/grpc-transport.js") as typeof import("./transport/grpc/grpc-transport.js");
  return GrpcTransport;
};

let grpcJs: TransportClass | undefined;

/** Sets the class for the label `"grpc-js"`; the entry point `./transport/grpc-js` calls this. */
export function provideGrpcJs(transportClass: TransportClass): void {
  grpcJs = transportClass;
}

const loadGrpcJs = (): TransportClass => {
  // Bundlers do not follow this, so a program pays for grpc-js only if it imports the entry point.
  if (grpcJs === undefined) loadDoor("grpc-js");
  if (grpcJs !== undefined) return grpcJs;
  throw new ConfigurationError(
    'transport: "grpc-js" is not part of this bundle; the program must import iam-credentials-client/grpc-js first',
  );
};

const loadRest = (): TransportClass => {
  // require, not import: a process that speaks gRPC must not pay for it.
  const { RestTransport } =
    require("./transport/rest/rest-transport.js") as typeof import("./transport/rest/rest-transport.js");
  return RestTransport;
};

const loaders = new Map<string, () => TransportClass>([
  ["grpc", loadGrpc],
  // The label that Python's async client uses.
  ["grpc_asyncio", loadGrpc],
  [GRPC_JS, loadGrpcJs],
  ["rest", loadRest],
]);

/** Whether a gRPC transport's settings include some that only grpc-js takes: then it carries the calls. */
function needsGrpcJs({ channel, channelCredentials, channelClass, channelOptions = {} }: TransportSettings): boolean {
  const given = [channel, channelCredentials, channelClass];
  return given.some((each) => each !== undefined) || Object.keys(channelOptions).length > 0;
}

/**
 * The transport class of a label.
 *
 * @param label default: `"grpc"`
 * @throws ConfigurationError listing the labels when there is no such label
 */
export function getTransportClass(label: string = DEFAULT_TRANSPORT): TransportClass {
  const load = loaders.get(label);
  if (load === undefined) {
    const labels = [...loaders.keys()].map((known) => `"${known}"`).join(", ");
    throw new ConfigurationError(
      `transport: ${JSON.stringify(label)} is not a known label; valid labels are ${labels}`,
    );
  }
  return load();
}

/**
 * Registers your own transport under a label, for the option `transport` of every client made from now on.
 *
 * @returns a function that removes the label again; existing clients keep their transports
 * @throws ConfigurationError when the label is empty or taken, or no class is passed
 */
export function registerTransport(label: string, transportClass: TransportClass): () => void {
  if (typeof label !== "string" || label === "") throw new ConfigurationError("label: must be a non-empty string");
  if (loaders.has(label)) throw new ConfigurationError(`label: ${JSON.stringify(label)} is already registered`);
  if (!isConstructor(transportClass)) throw new ConfigurationError("transportClass: must be a class");
  loaders.set(label, () => transportClass);
  return () => void loaders.delete(label);
}

/** What the option `transport` may be besides an instance. */
export type TransportMaker = string | TransportClass | ((settings: TransportSettings) => Transport);

/**
 * Makes a transport from a label or a class, or with a function.
 *
 * @throws ConfigurationError listing the labels when there is no such label; or when the result is not a transport
 */
export function buildTransport(maker: TransportMaker, settings: TransportSettings): Transport {
  const made = makeTransport(maker, settings);
  if (typeof made === "object" && made !== null && "unary" in made && "close" in made) return made;
  throw new ConfigurationError("transport: the function must return a Transport, with unary and close");
}

function makeTransport(maker: TransportMaker, settings: TransportSettings): Transport {
  if (typeof maker === "string") {
    const isGrpc = loaders.get(maker) === loadGrpc;
    const transportClass = getTransportClass(isGrpc && needsGrpcJs(settings) ? GRPC_JS : maker);
    return new transportClass(settings);
  }
  // `new` suits functions as well as classes: what a function returns is the result. Arrow functions have no prototype.
  return isConstructor(maker) ? new maker(settings) : maker(settings);
}

function isConstructor(value: unknown): value is TransportClass {
  return typeof value === "function" && typeof value.prototype === "object" && value.prototype !== null;
}
