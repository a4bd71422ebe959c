// SPDX-License-Identifier: Apache-2.0
// The client certificate of a transport as it was last given, and the asking for the one that counts now. Knows no connection.

import {
  type ClientCertSource,
  type LoadedCertificate,
  loadClientCertificate,
} from "../../base/certificate/client-certificate.js";
import { type Clock, waitWithin } from "../../base/clock.js";
import { MutualTlsChannelError } from "../../base/errors.js";

/** A source that hangs must not park every call that ever comes: it is asked anew after this long. */
const SOURCE_TIMEOUT_MS = 30_000;

/** Asks a source; those who ask at the same time share one answer. */
export class RotatingIdentity {
  readonly #source: ClientCertSource;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #asking: Promise<LoadedCertificate> | undefined;

  constructor(source: ClientCertSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** The certificate as it is now. @throws MutualTlsChannelError when the source gives none */
  ask(): Promise<LoadedCertificate> {
    this.#asking ??= waitWithin(this.#clock, loadClientCertificate(this.#source), {
      timeoutMs: SOURCE_TIMEOUT_MS,
      onTimeout: () =>
        new MutualTlsChannelError(`clientCertSource: gave no certificate within ${SOURCE_TIMEOUT_MS} ms`),
      signals: [this.#stopping.signal],
    }).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Aborts when nobody waits for a certificate any more. */
  get stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Ends the waits of those who asked. */
  stop(): void {
    this.#stopping.abort();
  }
}
