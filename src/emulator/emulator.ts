// SPDX-License-Identifier: Apache-2.0
// The Emulator object: starts the servers on one port, lets tests set up state, and closes without a trace. Decides nothing
// about calls.

import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { type ControlledWorld, EmulatorControls } from "./controls/emulator-controls.js";
import { consoleUrlOf, type EmulatorPlace } from "./controls/emulator-info.js";
import { mintAccessToken } from "./controls/token-controls.js";
import { type EmulatorStartOptions, mergeSeed, resolveOptions } from "./options.js";
import { type EmulatorHosts, type Listeners, openListeners } from "./ports/listeners.js";
import { hostsOf } from "./ports/listening.js";
import { resolveTls, type TlsSettings } from "./ports/tls-options.js";
import { findAllOperations, findMetadataOperations } from "./protocols/all-operations.js";
import { createGrpcServer, type GrpcServer } from "./protocols/grpc/grpc-server.js";
import { createHttpServer } from "./protocols/http-server.js";
import { populate } from "./seed/populate.js";
import { readSeed } from "./seed/seed.js";
import { type MakeKeyPair, makeKeyPair } from "./world/keys/key-pair.js";
import { MEMBER } from "./world/names/name-checks.js";
import { OWNER } from "./world/policy/permissions.js";
import { readOption } from "./world/refusals/refuse-option.js";
import { installedPeers, type Peers } from "./world/runtime/optional-peer.js";
import {
  type CallerCredentials,
  createCallerCredentials,
  type MintedToken,
} from "./world/tokens/caller-credentials.js";
import { createWorld } from "./world/world.js";

/** Options for a client that calls this emulator as one principal. */
export interface EmulatorClientOptions {
  /** The emulator's host and port. Required. */
  readonly apiEndpoint: string;
  /** Set when the emulator speaks no TLS. Default: TLS. */
  readonly insecure?: true;
  /** The CA of the emulator's certificate, PEM, if the emulator made it. Default: the CAs that Node trusts. */
  readonly rootCertificates?: string;
  /** The principal's credentials. Required. */
  readonly credentials: CallerCredentials;
}

/** The bearer token that has every role. It is not a secret. */
const OWNER_CREDENTIALS: CallerCredentials = { getRequestMetadata: async () => ({ authorization: `Bearer ${OWNER}` }) };

/** A running emulator. Made by {@link startEmulator}. */
export class Emulator extends EmulatorControls {
  /** Host and port, for example `127.0.0.1:41235`. */
  readonly host: string;
  /** Where each protocol listens: at `host`, or on a separate port (option `ports`). */
  readonly hosts: EmulatorHosts;
  /** The CA that clients must trust, PEM; undefined without TLS, and when the certificate was given. */
  readonly caCertificate: string | undefined;
  /** The URL of HTTP, for example `http://127.0.0.1:41235`, without a trailing slash. */
  readonly url: string;
  /**
   * Host and port for `GCE_METADATA_HOST`: `hosts.metadataServer`, or with `metadataServer.mtlsDirectory` a separate port that
   * speaks mutual TLS and has the metadata server's certificate.
   */
  readonly metadataServerHost: string;
  /**
   * The console's URL, for a browser; with its key if other machines can reach the emulator. undefined without a console (option
   * `console`).
   */
  readonly consoleUrl: string | undefined;
  readonly #world: ControlledWorld;
  readonly #listeners: Listeners;
  readonly #grpc: GrpcServer;
  readonly #isSecure: boolean;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(
    world: ControlledWorld,
    place: () => EmulatorPlace,
    listeners: Listeners,
    { grpc, tls }: { readonly grpc: GrpcServer; readonly tls: TlsSettings | undefined },
  ) {
    super(world, place);
    this.#world = world;
    this.#listeners = listeners;
    this.#grpc = grpc;
    this.host = listeners.host;
    this.hosts = Object.freeze(listeners.hosts);
    this.url = `${tls === undefined ? "http" : "https"}://${this.host}`;
    this.caCertificate = tls?.ownCa;
    this.#isSecure = tls !== undefined;
    this.metadataServerHost = listeners.mtlsHost ?? listeners.hosts.metadataServer;
    this.consoleUrl = consoleUrlOf(this.url, place());
  }

  /**
   * The options for a client that calls as a principal. The token is minted in this process, without a request, and renewed five
   * minutes before it expires.
   *
   * @param member `user:{email}` or `serviceAccount:{email}`; it need not exist, like callers from other projects. Or `owner`, who
   *   has every role
   * @throws TypeError when it is neither, or `owner` when that is disabled
   */
  clientOptions(member: string): EmulatorClientOptions {
    const credentials = this.#isOwner(member)
      ? OWNER_CREDENTIALS
      : createCallerCredentials(this.#minter(readOption(MEMBER, member, "member")), this.#world.now);
    const where = { apiEndpoint: this.host, credentials };
    if (!this.#isSecure) return { ...where, insecure: true };
    return this.caCertificate === undefined ? where : { ...where, rootCertificates: this.caCertificate };
  }

  /**
   * Closes the port and every connection; calls in flight are answered with UNAVAILABLE, as by a service that
   * restarts. Resolves when no port, socket or timer is left,
   * and no work begun for a call (a key that is being generated can't be stopped). May be called again.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as {@link Emulator.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#listeners.stop();
    this.#world.work.stopWaiting();
    await this.#grpc.close();
    await this.#listeners.close();
    await this.#world.work.settled();
  }

  #minter(principal: string): () => MintedToken {
    return () => mintAccessToken(this.#world, principal);
  }

  #isOwner(member: string): boolean {
    if (member !== OWNER) return false;
    if (!this.#world.settings.owner) throw new TypeError("member must not be owner, since the option owner is false");
    return true;
  }
}

function listListeners({ host, hosts, mtlsHost }: Listeners, tls: TlsSettings | undefined): EmulatorPlace["listeners"] {
  const scheme = tls === undefined ? "http" : "https";
  const ofMachine = hosts.metadataServer === host ? scheme : "http";
  return [
    { name: "grpc", url: `${scheme}://${hosts.grpc}` },
    { name: "http", url: `${scheme}://${hosts.http}` },
    { name: "metadataServer", url: `${ofMachine}://${hosts.metadataServer}` },
    ...(mtlsHost === undefined ? [] : [{ name: "metadataServerMtls", url: `https://${mtlsHost}` }]),
  ];
}

/**
 * Starts an emulator with a given clock: the seam for tests. The public function is {@link startEmulator}.
 *
 * @param now the clock, in milliseconds since the epoch
 * @param peers the optional packages. Default: the installed ones
 * @param make makes key pairs. Default: generates each anew, which takes 50 to 500 ms
 * @throws as startEmulator
 */
export async function openEmulator(
  options: EmulatorStartOptions,
  now: () => number,
  peers: Peers = installedPeers,
  make: MakeKeyPair = makeKeyPair,
): Promise<Emulator> {
  const { seed: seedOption, ...given } = options ?? {};
  const seed = seedOption === undefined ? undefined : readSeed(seedOption);
  const resolved = resolveOptions(seed === undefined ? options && given : mergeSeed(seed, given));
  const { serviceAccounts, roles, grants, listening, tls, allowedHosts, allowedOrigins, console, ...settings } =
    resolved;
  let url = ""; // known once it listens
  const { enabledServices = [] } = seed ?? {};
  const empty = createWorld({ clock: now, peers, makeKeyPair: make, url: () => url, enabledServices, ...settings });
  const reset = populate(empty, { serviceAccounts, roles, grants, seed: seed ?? { version: 1 } });
  const world: ControlledWorld = { ...empty, reset };
  const hosts = hostsOf(listening, allowedHosts);
  const at = Date.now(); // clients check certificates by their own clock
  const identity = resolveTls(tls, at, listening.names);
  let place: EmulatorPlace = {
    instance: randomBytes(8).toString("hex"),
    startedAt: new Date(world.now()),
    listeners: [],
    hosts: [...(hosts ?? [])],
    certificateAuthority: identity?.ownCa,
    key: randomBytes(16).toString("hex"), // until it is known whether other machines can reach it
    hasConsole: console,
  };
  const grpc = createGrpcServer(world);
  const rules = { hosts, origins: new Set(allowedOrigins) };
  const controls = new EmulatorControls(world, () => place);
  const find = findAllOperations(world, { controls, keyOf: () => place.key, hasConsole: console });
  const http = createHttpServer({ world, find, rules });
  const metadataServer = createHttpServer({ world, find: findMetadataOperations(world), rules });
  const acceptors = {
    http1: http.accept,
    http2: (socket: Socket) => grpc.acceptShared(socket, http.serve),
    grpc: grpc.accept,
    metadataServer: metadataServer.accept,
  };
  const { mtlsDirectory } = settings.metadataServer;
  const listeners = await openListeners(listening, acceptors, { tls: identity, mtlsDirectory, at });
  place = {
    ...place,
    listeners: listListeners(listeners, identity),
    key: listeners.isExposed ? place.key : undefined,
  };
  const emulator = new Emulator(world, () => place, listeners, { grpc, tls: identity });
  ({ url } = emulator);
  return emulator;
}

/**
 * Starts an emulator of the IAM Service Account Credentials API in this process, on 127.0.0.1 by default: gRPC and
 * HTTP on one port, real RSA keys, no network. It is ready when the promise resolves.
 *
 * @param options accounts, grants, port. Default: an emulator without accounts on any free port
 * @throws TypeError naming the option that is wrong; the error of node:net when the port is not available
 */
export async function startEmulator(options: EmulatorStartOptions = {}): Promise<Emulator> {
  return openEmulator(options, Date.now);
}
