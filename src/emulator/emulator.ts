// SPDX-License-Identifier: Apache-2.0
// The Emulator object: starts the servers on one port, lets tests set the stage, and closes without a trace. Decides nothing
// about calls.

import type { Socket } from "node:net";
import { object } from "../base/options/checks.js";
import { settle } from "../base/options/declaration.js";
import { type EmulatorStartOptions, mergeSeed, resolveOptions } from "./options.js";
import { type EmulatorHosts, type Listeners, openListeners } from "./ports/listeners.js";
import { hostsOf } from "./ports/listening.js";
import { resolveTls, type TlsSettings } from "./ports/tls-options.js";
import { createGrpcServer, type GrpcServer } from "./protocols/grpc/grpc-server.js";
import { createHttpServer } from "./protocols/http-server.js";
import { findAllOperations, findMetadataOperations } from "./protocols/operations.js";
import { exportState } from "./seed/export-state.js";
import { addCheckedGrant, populate } from "./seed/populate.js";
import { type EmulatorSeed, readSeed } from "./seed/seed.js";
import type { CallListener, CallRecord } from "./world/calls/call-log.js";
import { buildKeyFile, type ServiceAccountKeyFile } from "./world/credentials-files/account-key-file.js";
import {
  type EmulatorCredentialsFiles,
  type EmulatorCredentialsKind,
  writeCredentialsFile,
} from "./world/credentials-files/write-credentials-file.js";
import { type EmulatorFault, FAULT } from "./world/faults/fault.js";
import { type MakeKeyPair, makeKeyPair } from "./world/keys/keys.js";
import { EMAIL, MEMBER } from "./world/names/name-checks.js";
import { type EmulatorGrant, GRANT } from "./world/policy/grants.js";
import { OWNER } from "./world/policy/permissions.js";
import { readOption, refuseOption } from "./world/refusals/refuse-option.js";
import { installedPeers, type Peers } from "./world/runtime/optional-peer.js";
import {
  type CallerCredentials,
  createCallerCredentials,
  type MintedToken,
} from "./world/tokens/caller-credentials.js";
import { type EmulatorTokenOptions, TOKEN_OPTIONS } from "./world/tokens/token-options.js";
import { createWorld, type World } from "./world/world.js";

/** A service account as the emulator names it. */
export interface EmulatorServiceAccount {
  /** Its address. */
  readonly email: string;
  /** Its numeric id, 21 digits. */
  readonly uniqueId: string;
}

/** Options of a client that calls this emulator as one principal. */
export interface EmulatorClientOptions {
  /** The emulator's host and port. Required. */
  readonly apiEndpoint: string;
  /** Set when the emulator speaks no TLS. Default: TLS. */
  readonly insecure?: true;
  /** The authority of the emulator's certificate, PEM, when it is the emulator's own. Default: those that Node trusts. */
  readonly rootCertificates?: string;
  /** The principal's credentials. Required. */
  readonly credentials: CallerCredentials;
}

// A world, and what puts it back to what the emulator started with.
type EmulatorWorld = World & { readonly reset: () => void };

/** The bearer of who has every role; it is no secret. */
const OWNER_CREDENTIALS: CallerCredentials = { getRequestMetadata: async () => ({ authorization: `Bearer ${OWNER}` }) };

/** A running emulator. Made by {@link startEmulator}. */
export class Emulator {
  /** Host and port, `127.0.0.1:41235` for one. */
  readonly host: string;
  /** Where each protocol is: at `host`, or at a port of its own (option `ports`). */
  readonly hosts: EmulatorHosts;
  /** The authority that clients must trust, PEM; undefined without TLS, and when the certificate was given. */
  readonly caCertificate: string | undefined;
  /** Where HTTP is, `http://127.0.0.1:41235` for one, without a slash at its end. */
  readonly url: string;
  /**
   * Host and port for `GCE_METADATA_HOST`: `hosts.metadataServer`, or with `metadataServer.mtlsDirectory` a port of its own that
   * speaks mutual TLS and has the metadata server's certificate.
   */
  readonly metadataServerHost: string;
  readonly #world: EmulatorWorld;
  readonly #listeners: Listeners;
  readonly #grpc: GrpcServer;
  readonly #isSecure: boolean;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(world: EmulatorWorld, listeners: Listeners, grpc: GrpcServer, tls: TlsSettings | undefined) {
    this.#world = world;
    this.#listeners = listeners;
    this.#grpc = grpc;
    this.host = listeners.host;
    this.hosts = Object.freeze(listeners.hosts);
    this.url = `${tls === undefined ? "http" : "https"}://${this.host}`;
    this.caCertificate = tls?.ownCa;
    this.#isSecure = tls !== undefined;
    this.metadataServerHost = listeners.mtlsHost ?? listeners.hosts.metadataServer;
  }

  /**
   * The options for a client that calls as a principal. The token is minted here, without a request, and renewed five
   * minutes before its end.
   *
   * @param member `user:{email}` or `serviceAccount:{email}`; it need not exist, just as callers from other projects. Or `owner`, who
   *   has every role
   * @throws TypeError when it is none of them, or `owner` where there is none
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
   * A bearer token of a principal.
   *
   * @param member `user:{email}` or `serviceAccount:{email}`
   * @param options its scopes and lifetime. Default: cloud-platform, an hour
   * @throws TypeError when the member is neither, or naming the option that is wrong
   */
  async accessToken(member: string, options: EmulatorTokenOptions = {}): Promise<string> {
    const principal = readOption(MEMBER, member, "member");
    return this.#mint(principal, settle(TOKEN_OPTIONS, options, { refuse: refuseOption })).token;
  }

  /**
   * Adds a service account. One that exists already is returned as it is.
   *
   * @throws TypeError when the e-mail is malformed
   */
  addServiceAccount(email: string): EmulatorServiceAccount {
    const account = this.#world.accounts.add(readOption(EMAIL, email, "email"));
    return { email: account.email, uniqueId: account.uniqueId };
  }

  /**
   * Grants a role on an account, or on a project and so on every account in it, from the next call on. Grants are the bindings
   * of the policy that `getIamPolicy` reads and `setIamPolicy` writes.
   *
   * @returns the grant's removal; calling it again does nothing
   * @throws TypeError naming the field that is wrong, or when account or role do not exist
   */
  addGrant(grant: EmulatorGrant): () => void {
    return addCheckedGrant(this.#world, readOption(object(GRANT), grant, "grant"), "grant");
  }

  /**
   * Creates a user-managed key of an account, for clients that sign their own JWTs.
   *
   * @returns the credentials file, private key included; the emulator keeps the public half
   * @throws TypeError when the account does not exist
   */
  async createServiceAccountKey(email: string): Promise<ServiceAccountKeyFile> {
    const account = this.#world.accounts.find(readOption(EMAIL, email, "email"));
    if (account === undefined) throw new TypeError(`email is of no service account of the emulator: ${email}`);
    return buildKeyFile(account, await this.#world.work.track(account.keys.createUserKey()), this.url);
  }

  /**
   * Sets a fault, from the next call on. When several fit a call, the oldest strikes.
   *
   * @returns its removal; calling it again does nothing
   * @throws TypeError naming the field that is wrong
   */
  addFault(fault: EmulatorFault): () => void {
    const id = this.#world.faults.add(readOption(object(FAULT), fault, "fault"));
    return () => void this.#world.faults.remove(id);
  }

  /**
   * Puts the emulator's clock ahead: tokens and keys age at once. Deadlines and delays stay in real time.
   *
   * @param ms milliseconds, 0 or more
   * @throws TypeError when it is anything else
   */
  advanceClock(ms: number): void {
    this.#world.clock.advance(ms);
  }

  /**
   * Puts the emulator back to what it started with: accounts, keys made for users, policies, roles, logins, faults, calls and the
   * clock. Accounts keep their unique ids and system-managed keys; tokens stay good, and one that was revoked is good again.
   */
  reset(): void {
    this.#world.reset();
  }

  /**
   * Revokes an access or refresh token; with a refresh token, the access tokens that came from it.
   *
   * @throws TypeError when it is no text
   */
  revokeToken(token: string): void {
    if (typeof token !== "string" || token === "") throw new TypeError("token must be a string, not empty");
    this.#world.logins.revoke(token);
  }

  /** What the emulator has, as a seed that makes another one like it. No private key and no access token is in it. */
  exportState(): EmulatorSeed {
    return exportState(this.#world);
  }

  /**
   * Writes a credentials file that points at this emulator, for `GOOGLE_APPLICATION_CREDENTIALS`. Readable for its owner alone.
   *
   * @param kind the `type` that the file has
   * @param options whose credentials they are
   * @throws TypeError naming the option that is wrong; the error of node:fs when the file can't be written
   */
  writeCredentialsFile<Kind extends EmulatorCredentialsKind>(
    kind: Kind,
    path: string,
    options: EmulatorCredentialsFiles[Kind],
  ): Promise<void> {
    return writeCredentialsFile(this.#world, kind, path, options);
  }

  /** The calls so far, in the order in which they ended, the last 10,000 of them. No token, payload or key is in them. */
  calls(): readonly CallRecord[] {
    return this.#world.calls.list();
  }

  /**
   * Tells a listener of each call when it has ended, before it is answered; the calls of the emulator's own endpoints are none.
   *
   * @param event `call`: there is no other
   * @returns its removal; calling it again does nothing
   * @throws TypeError when there is no such event, or the listener is no function
   */
  on(event: "call", listener: CallListener): () => void {
    if (event !== "call") throw new TypeError(`event must be "call", not ${JSON.stringify(event)}`);
    if (typeof listener !== "function") throw new TypeError("listener must be a function");
    return this.#world.calls.listen(listener);
  }

  /**
   * Closes the port and every connection; calls in flight are answered with UNAVAILABLE, as by a service that
   * restarts. Resolves when no port, socket or timer is left,
   * nor work begun for a call (a key that is being generated can't be stopped). May be called again.
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
    return () => this.#mint(principal);
  }

  #isOwner(member: string): boolean {
    if (member !== OWNER) return false;
    if (!this.#world.settings.owner) throw new TypeError("member is owner, whom the option owner: false has left out");
    return true;
  }

  #mint(principal: string, { scopes, lifetime } = settle(TOKEN_OPTIONS, {}, { refuse: refuseOption })): MintedToken {
    const expiresAt = this.#world.now() + lifetime * 1000;
    return { token: this.#world.tokens.seal({ principal, scopes, expiresAt }), expiresAt };
  }
}

/**
 * Starts an emulator by a clock of the caller's: the seam of tests. Behind the door there is {@link startEmulator}.
 *
 * @param now the clock, in milliseconds since the epoch
 * @param peers the packages that need not be installed. Default: those that are
 * @param make where key pairs come from. Default: each is a new one, which takes 50 to 500 ms
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
  const { serviceAccounts, roles, grants, listening, tls, allowedHosts, allowedOrigins, ...settings } = resolved;
  let url = ""; // known once it listens
  const { enabledServices = [] } = seed ?? {};
  const world = createWorld({ clock: now, peers, makeKeyPair: make, url: () => url, enabledServices, ...settings });
  const reset = populate(world, { serviceAccounts, roles, grants, seed: seed ?? { version: 1 } });
  const grpc = createGrpcServer(world);
  const rules = { hosts: hostsOf(listening, allowedHosts), origins: new Set(allowedOrigins) };
  const http = createHttpServer({ world, find: findAllOperations({ ...world, reset }), rules });
  const metadataServer = createHttpServer({ world, find: findMetadataOperations(world), rules });
  const at = Date.now(); // clients judge certificates by their own clock
  const identity = resolveTls(tls, at, listening.names);
  const acceptors = {
    http1: http.accept,
    http2: (socket: Socket) => grpc.acceptShared(socket, http.serve),
    grpc: grpc.accept,
    metadataServer: metadataServer.accept,
  };
  const { mtlsDirectory } = settings.metadataServer;
  const listeners = await openListeners(listening, acceptors, { tls: identity, mtlsDirectory, at });
  const emulator = new Emulator({ ...world, reset }, listeners, grpc, identity);
  ({ url } = emulator);
  return emulator;
}

/**
 * Starts an emulator of the IAM Service Account Credentials API in this process, on 127.0.0.1 unless told otherwise: gRPC and
 * HTTP on one port, real RSA keys, no network. It is ready when the promise resolves.
 *
 * @param options accounts, grants, port. Default: an emulator without accounts on any free port
 * @throws TypeError naming the option that is wrong; the error of node:net when the port can't be had
 */
export async function startEmulator(options: EmulatorStartOptions = {}): Promise<Emulator> {
  return openEmulator(options, Date.now);
}
