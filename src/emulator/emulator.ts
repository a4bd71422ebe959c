// SPDX-License-Identifier: Apache-2.0
// The emulator as a program holds it: starts the faces on one port, lets tests set the stage, and closes without a
// trace. Decides nothing about calls.

import type { CallRecord } from "./call-log.js";
import { type CallerCredentials, createCallerCredentials, type MintedToken } from "./caller-credentials.js";
import { type FrontListener, openFrontListener } from "./front-listener.js";
import { createGrpcFace, type GrpcFace } from "./grpc-server.js";
import { createHttpFace } from "./http-server.js";
import { buildKeyFile, type ServiceAccountKeyFile } from "./key-file.js";
import {
  type EmulatorGrant,
  type EmulatorOptions,
  requireEmail,
  requireGrant,
  requireMember,
  resolveOptions,
} from "./options.js";
import { CLOUD_PLATFORM_SCOPE } from "./scopes.js";
import { EmulatorState, type ServiceAccount } from "./state.js";

/** A service account as the emulator names it. */
export interface EmulatorServiceAccount {
  /** Its address. */
  readonly email: string;
  /** Its numeric id, 21 digits. */
  readonly uniqueId: string;
}

/** Options of a client that calls this emulator as one principal. */
export interface EmulatorClientOptions {
  /** The emulator's host and port. */
  readonly apiEndpoint: string;
  /** The emulator speaks no TLS. */
  readonly insecure: true;
  /** The principal's credentials. */
  readonly credentials: CallerCredentials;
}

const TOKEN_LIFETIME_MS = 3600 * 1000;

function requireGrantedAccount(state: EmulatorState, grant: EmulatorGrant, label: string): ServiceAccount {
  const account = state.findAccount(grant.serviceAccount);
  if (account !== undefined) return account;
  throw new TypeError(`${label}.serviceAccount does not exist: ${grant.serviceAccount}`);
}

/** A running emulator. Made by {@link startEmulator}. */
export class Emulator {
  /** Host and port, `127.0.0.1:41235` for one. */
  readonly host: string;
  /** Where the HTTP face is, `http://127.0.0.1:41235` for one, without a slash at its end. */
  readonly url: string;
  readonly #state: EmulatorState;
  readonly #front: FrontListener;
  readonly #grpc: GrpcFace;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(state: EmulatorState, front: FrontListener, grpc: GrpcFace) {
    this.#state = state;
    this.#front = front;
    this.#grpc = grpc;
    this.host = `127.0.0.1:${front.port}`;
    this.url = `http://${this.host}`;
  }

  /**
   * The options for a client that calls as a principal. The token is minted here, without a request, and renewed five
   * minutes before its end.
   *
   * @param member `user:{email}` or `serviceAccount:{email}`; it need not exist, just as callers from other projects
   * @throws TypeError when it is neither
   */
  clientOptions(member: string): EmulatorClientOptions {
    const principal = requireMember(member, "member");
    const credentials = createCallerCredentials(() => this.#mint(principal), this.#state.now);
    return { apiEndpoint: this.host, insecure: true, credentials };
  }

  /**
   * A bearer token of a principal, good for an hour, with the scope cloud-platform.
   *
   * @param member `user:{email}` or `serviceAccount:{email}`
   * @throws TypeError when it is neither
   */
  async accessToken(member: string): Promise<string> {
    return this.#mint(requireMember(member, "member")).token;
  }

  /**
   * Adds a service account. One that exists already is returned as it is.
   *
   * @throws TypeError when the e-mail is malformed
   */
  addServiceAccount(email: string): EmulatorServiceAccount {
    const account = this.#state.addAccount(requireEmail(email, "email"));
    return { email: account.email, uniqueId: account.uniqueId };
  }

  /**
   * Grants a role on an account, from the next call on.
   *
   * @returns the grant's removal; calling it again does nothing
   * @throws TypeError naming the field that is wrong, or when the account does not exist
   */
  addGrant(grant: EmulatorGrant): () => void {
    const checked = requireGrant(grant, "grant");
    return this.#state.addGrant(checked, requireGrantedAccount(this.#state, checked, "grant"));
  }

  /**
   * Creates a user-managed key of an account, for clients that sign their own JWTs.
   *
   * @returns the credentials file, private key included; the emulator keeps the public half
   * @throws TypeError when the account does not exist
   */
  async createServiceAccountKey(email: string): Promise<ServiceAccountKeyFile> {
    const account = this.#state.findAccount(requireEmail(email, "email"));
    if (account === undefined) throw new TypeError(`email is of no service account of the emulator: ${email}`);
    return buildKeyFile(account, await this.#state.track(account.keys.createUserKey()), this.url);
  }

  /** The calls so far, in the order in which they ended, the last 10,000 of them. No token, payload or key is in them. */
  calls(): readonly CallRecord[] {
    return this.#state.calls.list();
  }

  /**
   * Closes the port and every connection; calls in flight are answered with CANCELLED. Resolves when no port, socket or timer is left,
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
    this.#front.stop();
    await this.#grpc.close();
    await this.#front.close();
    await this.#state.settled();
  }

  #mint(principal: string): MintedToken {
    const expiresAt = this.#state.now() + TOKEN_LIFETIME_MS;
    const token = this.#state.tokens.seal({ principal, scopes: [CLOUD_PLATFORM_SCOPE], expiresAt });
    return { token, expiresAt };
  }
}

/**
 * Starts an emulator by a clock of the caller's: the seam of tests. Behind the door there is {@link startEmulator}.
 *
 * @param now the clock, in milliseconds since the epoch
 * @throws as startEmulator
 */
export async function openEmulator(options: EmulatorOptions, now: () => number): Promise<Emulator> {
  const { serviceAccounts, grants, port, owner, extendedLifetimeAccounts } = resolveOptions(options);
  const state = new EmulatorState({ now, owner, extendedLifetimeAccounts });
  for (const email of serviceAccounts) state.addAccount(email);
  for (const [index, grant] of grants.entries()) {
    state.addGrant(grant, requireGrantedAccount(state, grant, `grants[${index}]`));
  }
  const grpc = createGrpcFace(state);
  const http = createHttpFace(state);
  const front = await openFrontListener(port, { grpc: grpc.accept, http: http.accept });
  return new Emulator(state, front, grpc);
}

/**
 * Starts an emulator of the IAM Service Account Credentials API in this process, on 127.0.0.1: gRPC and HTTP on one port,
 * real RSA keys, no network. It is ready when the promise resolves.
 *
 * @param options accounts, grants, port. Default: an emulator without accounts on any free port
 * @throws TypeError naming the option that is wrong; the error of node:net when the port can't be had
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return openEmulator(options, Date.now);
}
