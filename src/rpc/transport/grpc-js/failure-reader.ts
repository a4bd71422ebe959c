// SPDX-License-Identifier: Apache-2.0
// Finds out why grpc-js could not connect, since it does not say: dials once, in the same way. Knows no call.

import { explainConnectionFailure } from "../../../base/causes/final-failures.js";
import { type Clock, waitWithin } from "../../../base/clock.js";
import { RpcError } from "../../../base/errors.js";
import { dial } from "../../../base/socket/dial.js";
import { DialError } from "../../../base/socket/dial-error.js";
import { proxyRouteFrom } from "../../../base/socket/proxy-route.js";
import { TlsIdentity } from "../../../base/socket/tls-identity.js";

/** What grpc-js connects to, and how. */
interface FailureReaderSettings {
  readonly target: string;
  readonly isInsecure?: boolean | undefined;
  readonly rootCertificates?: string | Uint8Array | undefined;
  readonly proxyUrl?: string | undefined;
  readonly endpointVariable?: string | undefined;
  readonly proxyVariable?: string | undefined;
  readonly clock: Clock;
}

/** The time limit: the failed call waits for it. */
const TIMEOUT_MS = 2_000;
/** What grpc-js says when there was no connection for a call. */
const NO_CONNECTION = /^(No connection established|Name resolution failed|Failed to connect)/;

/** Reads the failures of one transport. */
export class FailureReader {
  readonly #settings: FailureReaderSettings;
  readonly #identity: TlsIdentity;
  #reading: Promise<DialError | undefined> | undefined;
  #hasAnswered = false;

  constructor(settings: FailureReaderSettings) {
    this.#settings = settings;
    const { isInsecure, rootCertificates } = settings;
    this.#identity = new TlsIdentity(isInsecure ? {} : { rootCertificates });
  }

  /** Records that the server has answered. */
  countAnswer(): void {
    this.#hasAnswered = true;
  }

  /**
   * The error with its reason, marked as final if it is; the error itself if connecting works now; `undefined`: the error is not about
   * connecting. Rejects only with the signal's reason.
   */
  read(error: RpcError, timeoutMs: number, signal: AbortSignal | undefined): Promise<unknown> | undefined {
    const text = error.message.slice(`${error.method}: ${error.status}: `.length);
    if (error.status !== "UNAVAILABLE" || !NO_CONNECTION.test(text)) return undefined;
    // All calls that fail at the same time share one.
    this.#reading ??= this.#dialOnce().finally(() => {
      this.#reading = undefined;
    });
    const limits = { timeoutMs: Math.min(timeoutMs, TIMEOUT_MS), onTimeout: () => error, signals: [signal] };
    return waitWithin(this.#settings.clock, this.#reading, limits).then(
      (failure) => (failure === undefined ? error : this.#explained(error, failure)),
      (reason: unknown) => (signal?.aborted ? signal.reason : reason),
    );
  }

  async #dialOnce(): Promise<DialError | undefined> {
    const { target, isInsecure, proxyUrl, clock } = this.#settings;
    const { hostname, port } = new URL(`https://${target}`);
    try {
      const socket = await dial(
        {
          host: hostname.replace(/^\[(.*)\]$/, "$1"),
          port: port === "" ? 443 : Number(port),
          proxy: proxyUrl === undefined ? undefined : proxyRouteFrom(proxyUrl, this.#identity),
          ...(isInsecure ? {} : { tls: this.#identity, protocol: "h2" }),
        },
        { timeoutMs: TIMEOUT_MS, clock, keepsAlive: false },
      );
      socket.on("error", () => undefined).destroy();
      return undefined;
    } catch (error) {
      return error instanceof DialError ? error : undefined;
    }
  }

  #explained({ code, method, transport }: RpcError, cause: DialError): RpcError {
    const { target: host, endpointVariable, proxyVariable } = this.#settings;
    const around = { host, endpointVariable, proxyVariable, hasAnswered: this.#hasAnswered };
    const { text, finalAfter } = explainConnectionFailure(cause, around);
    return new RpcError({ code, text, method, transport, cause, finalAfter });
  }
}
