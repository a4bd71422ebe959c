// SPDX-License-Identifier: Apache-2.0
// Why a connection could not be made: at which step, with which peer, and with which code. Does not say how to fix it.

/** The steps of making a connection, in their order. */
export type DialStep = "lookup" | "connect" | "tunnel" | "tls" | "protocol";

/** The parts of a {@link DialError}. */
interface DialErrorInit {
  readonly step: DialStep;
  /** The code of Node or OpenSSL (`ECONNREFUSED`, `CERT_HAS_EXPIRED`), or one of ours: `PROXY_REFUSED`, `NOT_HTTP`, `NO_PROTOCOL`, `HTTP_1`. */
  readonly code: string;
  /** Whether it is about the proxy itself rather than the host behind it. Default: false. */
  readonly isProxy?: boolean;
  /** The proxy's response status. Default: there was no response. */
  readonly httpStatus?: number | undefined;
  readonly cause?: unknown;
}

/** A connection could not be made. The message names the peer and holds nothing secret. */
export class DialError extends Error {
  static {
    DialError.prototype.name = "DialError";
  }

  readonly step: DialStep;
  readonly code: string;
  readonly isProxy: boolean;
  readonly httpStatus: number | undefined;

  constructor(message: string, { step, code, isProxy = false, httpStatus, cause }: DialErrorInit) {
    super(message, cause === undefined ? undefined : { cause });
    this.step = step;
    this.code = code;
    this.isProxy = isProxy;
    this.httpStatus = httpStatus;
  }
}

/** The code of an error from Node or OpenSSL. */
export function codeOf(error: unknown): string {
  const { code } = Object(error);
  return typeof code === "string" ? code : "UNKNOWN";
}
