// SPDX-License-Identifier: Apache-2.0
// Adds the health service to the gRPC server, if its package is installed. The first call loads it, since
// it brings protobufjs along.

import type { Server, ServiceDefinition, UntypedHandleCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as Health from "grpc-health-check";
import { services } from "../../services/services.js";
import type { Peers } from "../../world/runtime/optional-peer.js";

type HandlerKind = "unary" | "serverStream";
type AddService = (definition: ServiceDefinition, implementation: UntypedServiceImplementation) => void;

interface Registration {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** A service that is built on its first call. */
interface LazyService {
  readonly packageName: string;
  /** Its methods' paths and kinds, as their protos have them. */
  readonly methods: Readonly<Record<string, HandlerKind>>;
  /** Loads it and hands it to a server. */
  open(peers: Peers, addService: AddService): void;
}

const health: LazyService = {
  packageName: "grpc-health-check",
  methods: {
    "/grpc.health.v1.Health/Check": "unary",
    "/grpc.health.v1.Health/List": "unary",
    "/grpc.health.v1.Health/Watch": "serverStream",
  },
  open(peers, addService) {
    const { HealthImplementation } = peers.load("grpc-health-check") as typeof Health; // its own types
    const names = ["", ...services.map(({ fullName }) => fullName)];
    new HealthImplementation(Object.fromEntries(names.map((name) => [name, "SERVING" as const]))).addToServer({
      addService,
    });
  },
};

function collect(service: LazyService, peers: Peers): Registration[] {
  const registrations: Registration[] = [];
  service.open(peers, (definition, implementation) => void registrations.push({ definition, implementation }));
  return registrations;
}

function addLazyService(server: Server, service: LazyService, peers: Peers): void {
  let opened: Registration[] | undefined;
  const find = (path: string) => {
    opened ??= collect(service, peers);
    for (const { definition, implementation } of opened) {
      for (const [name, method] of Object.entries(definition)) {
        // An implementation's keys are method names, spelled as in the proto or as in JavaScript.
        const handler = implementation[name] ?? implementation[method.originalName ?? name];
        if (method.path === path && handler !== undefined) return { method, handler };
      }
    }
    throw new Error(`${service.packageName} has no method ${path}`);
  };
  for (const [path, kind] of Object.entries(service.methods)) {
    // grpc-js calls each kind of handler with the arguments of its kind; they are passed on as they come.
    const handler = (...args: unknown[]) => (find(path).handler as unknown as (...args: unknown[]) => void)(...args);
    server.register(
      path,
      handler as unknown as UntypedHandleCall, // as: the same
      (value: object) => find(path).method.responseSerialize(value),
      (bytes) => find(path).method.requestDeserialize(bytes),
      kind,
    );
  }
}

/** Adds the health service to a server, if its package is installed. */
export function addHealth(server: Server, peers: Peers): void {
  if (peers.isInstalled(health.packageName)) addLazyService(server, health, peers);
}
