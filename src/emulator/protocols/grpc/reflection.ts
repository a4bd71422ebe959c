// SPDX-License-Identifier: Apache-2.0
// Puts the services of reflection and health on the gRPC server, if their packages are installed. They are loaded with the first
// call to them, since protobufjs comes along.

import type { Server, ServiceDefinition, UntypedHandleCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import type * as Reflection from "@grpc/reflection";
import type * as Health from "grpc-health-check";
import { DESCRIPTOR_SET } from "../../../../generated/descriptor-set.js";
import { services } from "../../services/services.js";
import type { Peers } from "../../world/runtime/optional-peer.js";

// What is used of @grpc/proto-loader, a dependency of @grpc/reflection and not of ours.
interface ProtoLoader {
  loadFileDescriptorSetFromBuffer(descriptorSet: Buffer): ConstructorParameters<typeof Reflection.ReflectionService>[0];
}

type HandlerKind = "unary" | "serverStream" | "bidi";
type AddService = (definition: ServiceDefinition, implementation: UntypedServiceImplementation) => void;

interface Registration {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** A service that is put together when it is first called. */
interface LazyService {
  readonly packageName: string;
  /** Its methods' paths and kinds, as their protos have them. */
  readonly methods: Readonly<Record<string, HandlerKind>>;
  /** Loads it and hands it to a server. */
  open(peers: Peers, addService: AddService): void;
}

const reflection: LazyService = {
  packageName: "@grpc/reflection",
  methods: {
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": "bidi",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": "bidi",
  },
  open(peers, addService) {
    const { ReflectionService } = peers.load("@grpc/reflection") as typeof Reflection; // its own types
    const loader = peers.load("@grpc/proto-loader", "@grpc/reflection") as ProtoLoader; // as its documentation says
    const definition = loader.loadFileDescriptorSetFromBuffer(DESCRIPTOR_SET);
    const names = services.map(({ fullName }) => fullName);
    new ReflectionService(definition, { services: names }).addToServer({ addService });
  },
};

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
        // An implementation's keys are the names of the methods, in the spelling of the proto or of JavaScript.
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
      handler as unknown as UntypedHandleCall,
      (value: object) => find(path).method.responseSerialize(value),
      (bytes) => find(path).method.requestDeserialize(bytes),
      kind,
    );
  }
}

/** Adds reflection and health to a server, each if its package is installed. */
export function addReflection(server: Server, peers: Peers): void {
  for (const service of [reflection, health]) {
    if (peers.isInstalled(service.packageName)) addLazyService(server, service, peers);
  }
}
