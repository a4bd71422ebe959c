// SPDX-License-Identifier: Apache-2.0
// Makes a call down both transports, to a server that cannot tell them apart, and demands that it ends alike.

import { expect } from "@jest/globals";
import {
  type AttemptReport,
  type CallOptions,
  type ClientOptions,
  IAMCredentialsAsyncClient,
  RpcError,
} from "../../src/index.js";
import { type Outcome, startTwoFacedServer, type TwoFacedServer } from "./two-faced-server.js";

/** Both transports, by their labels. */
export const FACES = ["grpc", "rest"] as const;
export const NAME = "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com";
/** Options of a call that does not wait long before it is repeated. */
export const QUICK = { retry: { initialDelay: 1, maxDelay: 1 } };

const credentials = { getRequestMetadata: () => ({ authorization: "Bearer x", "x-goog-user-project": "theirs" }) };

/** How a call ended, without what may differ: the transport's name, the stack, the trailers. */
interface Ending {
  readonly result?: unknown;
  readonly error?: unknown;
  readonly reports: readonly (readonly [attempt: number, status: unknown, isLast: boolean])[];
}

/** Makes a call with a client. */
export type Call = (client: IAMCredentialsAsyncClient, options: CallOptions) => Promise<unknown>;

export const signJwt: Call = (client, options) => client.signJwt({ name: NAME, payload: { sub: "a" } }, options);

/** The server and the clients to it. Made by {@link openAgreementStage}. */
export class AgreementStage implements AsyncDisposable {
  readonly server: TwoFacedServer;
  readonly #clients: IAMCredentialsAsyncClient[] = [];

  constructor(server: TwoFacedServer) {
    this.server = server;
  }

  /** Opens a client. */
  open(face: "grpc" | "rest", options: ClientOptions = {}): IAMCredentialsAsyncClient {
    const settings = { apiEndpoint: this.server.host(face), insecure: true, transport: face, credentials };
    const client = new IAMCredentialsAsyncClient({ ...settings, ...options });
    this.#clients.push(client);
    return client;
  }

  /** Makes a call on both and demands the same ending. @param outcomes of the attempts in turn, the last one for all that follow */
  async agree(outcomes: readonly Outcome[] | Outcome, call: Call, options?: CallOptions): Promise<Ending> {
    const list: readonly Outcome[] = Array.isArray(outcomes) ? outcomes : [outcomes];
    this.server.reset(({ number }) => list[Math.min(number, list.length) - 1] ?? "silence");
    const [overGrpc, overRest] = [await this.#run("grpc", call, options), await this.#run("rest", call, options)];
    expect(overRest).toEqual(overGrpc);
    const { calls } = this.server;
    expect(calls.rest.map(({ method, request }) => [method, request])).toEqual(
      calls.grpc.map(({ method, request }) => [method, request]),
    );
    return overGrpc;
  }

  async #run(face: "grpc" | "rest", call: Call, options: CallOptions = {}): Promise<Ending> {
    const reports: AttemptReport[] = [];
    const settled = call(this.open(face), { ...options, onAttempt: (report) => reports.push(report) });
    const told = (): Ending["reports"] =>
      reports.map(({ attempt, error, nextDelayMs }) => [attempt, Object(error).status, nextDelayMs === undefined]);
    try {
      const result = await settled;
      return { result, reports: told() };
    } catch (error) {
      expect(error instanceof RpcError ? error.transport : face).toBe(face);
      return { error: describeError(error), reports: told() };
    }
  }

  /** Closes what the tests have opened so far. */
  async closeClients(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.close({ gracePeriod: 0 })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeClients();
    await this.server[Symbol.asyncDispose]();
  }
}

function describeError(error: unknown): unknown {
  if (!(error instanceof RpcError)) return error;
  const { name, message, code, status, method, attempts, details, reason, domain, errorMetadata } = error;
  return { name, message, code, status, method, attempts, details, reason, domain, errorMetadata };
}

/** Opens the stage. */
export async function openAgreementStage(): Promise<AgreementStage> {
  return new AgreementStage(await startTwoFacedServer(() => ({ reply: {} })));
}
