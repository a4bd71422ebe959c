// SPDX-License-Identifier: Apache-2.0
// One of the two packages with a peer of its own, and how a case makes clients and calls of it. A case is written once and cannot tell
// which side it runs on.

import { setTimeout as sleep } from "node:timers/promises";
import type * as original from "@google-cloud/iam-credentials";
import { credentials } from "@grpc/grpc-js";
import type { Answer, Heard, Peer } from "./peer.js";

/** What both packages export. */
export type Package = typeof original;
/** A client of either. */
export type GapicClient = original.IAMCredentialsClient;
/** Options of any form: half of the cases give wrong ones. */
export type Loose = Record<string, unknown>;
/** The four methods. */
export const METHODS = ["generateAccessToken", "generateIdToken", "signBlob", "signJwt"] as const;
/** One of the four. */
export type Method = (typeof METHODS)[number];
/** How a call is made. */
export type Form = "promise" | "callback" | "callback without options";

const PATIENCE_MS = 6_000;
const PENDING = Symbol("nothing came of it in time");

/** A promise's outcome, for {@link observe}. */
export async function outcomeOf(promise: unknown): Promise<object> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<typeof PENDING>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, PENDING);
  });
  try {
    const resolved = await Promise.race([promise, patience]);
    return resolved === PENDING ? { pending: true } : { resolved };
  } catch (rejected) {
    return { rejected };
  } finally {
    clearTimeout(timer);
  }
}

/** What a function gives or throws. */
export function resultOf(run: () => unknown): object {
  try {
    return { value: run() };
  } catch (threw) {
    return { threw };
  }
}

/** Credentials that no server accepts; without any, both packages look for those of the machine. */
export const BOGUS = { client_email: "bogus@example.com", private_key: "bogus" };

/** One side of the comparison. */
export class Side {
  #shared: GapicClient | undefined;
  #opened: GapicClient[] = [];
  readonly #kept: GapicClient[] = [];

  constructor(
    readonly exports: Package,
    readonly peer: Peer,
  ) {}

  /** Options that lead to the peer over plain gRPC. */
  plainOptions(options: Loose = {}): Loose {
    const { plain } = this.peer.ports;
    const sslCreds = credentials.createInsecure();
    return { apiEndpoint: "127.0.0.1", port: plain, sslCreds, credentials: BOGUS, ...options };
  }

  /** Makes a client of exactly these options; it is closed when the case is over. */
  construct(options?: Loose, gaxInstance?: unknown): GapicClient {
    // as: what wrong options do is half of what the cases ask
    const client = new this.exports.IAMCredentialsClient(options as never, gaxInstance as never);
    this.#opened.push(client);
    return client;
  }

  /** Makes a client that stays open until the side is ended. */
  keep(options: Loose): GapicClient {
    const client = this.construct(options);
    this.#kept.push(...this.#opened.splice(this.#opened.indexOf(client), 1));
    return client;
  }

  /** Makes a client that reaches the peer over plain gRPC. */
  open(options: Loose = {}): GapicClient {
    return this.construct(this.plainOptions(options));
  }

  /** A client for cases that leave no trace in it. */
  get shared(): GapicClient {
    this.#shared ??= this.keep(this.plainOptions());
    return this.#shared;
  }

  /** Scripts the peer. */
  play(script: readonly Answer[], last?: Answer): void {
    this.peer.play(script, last);
  }

  /** What the peer has heard since then. */
  get heard(): readonly Heard[] {
    return this.peer.heard;
  }

  /** Makes a call, and tells all that came of it: what was returned, thrown, resolved or called back. */
  async call(client: GapicClient, method: Method, form: Form, request?: unknown, options?: unknown): Promise<object> {
    const call = (...args: unknown[]) => Reflect.apply(client[method], client, args);
    if (form === "promise") {
      const { value, ...rest } = resultOf(() => call(request, options)) as { value?: unknown }; // as: its own form
      return value instanceof Promise ? outcomeOf(value) : { returned: value, ...rest };
    }
    let returned: object = {};
    const called = await outcomeOf(
      new Promise<unknown>((resolve) => {
        const callback = (...args: unknown[]) => resolve(args);
        returned = resultOf(() => (form === "callback" ? call(request, options, callback) : call(request, callback)));
        if ("threw" in returned) resolve("nothing");
      }),
    );
    return { returned, called };
  }

  /** Closes the clients of a case. */
  async endCase(): Promise<void> {
    const clients = this.#opened;
    this.#opened = [];
    await Promise.race([Promise.all(clients.map((client) => client.close().catch(() => undefined))), sleep(1_000)]);
  }

  /** Closes all. */
  async end(): Promise<void> {
    await this.endCase();
    const closed = Promise.all(this.#kept.map((client) => client.close().catch(() => undefined)));
    await Promise.race([closed, sleep(1_000)]);
    this.peer.kill();
  }
}
