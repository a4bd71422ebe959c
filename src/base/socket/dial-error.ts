// SPDX-License-Identifier: Apache-2.0
// Why a connection could not be made: at which step, with whom, and by which code. Says nothing of what mends it.

/** The steps of making a connection, in their order. */
export type DialStep = "lookup" | "connect" | "tunnel" | "tls" | "protocol";

/** What a {@link DialError} is made of. */
interface DialErrorInit {
  readonly step: DialStep;
  /** The code of Node or OpenSSL (`ECONNREFUSED`, `CERT_HAS_EXPIRED`), or one of ours: `PROXY_REFUSED`, `NOT_HTTP`, `NO_PROTOCOL`, `HTTP_1`. */
  readonly code: string;
  /** Whether it is about the proxy itself rather than the host behind it. Default: false. */
  readonly isProxy?: boolean;
  /** What the proxy answered. Default: it is not about an answer. */
  readonly httpStatus?: number | undefined;
  readonly cause?: unknown;
}

/** A connection could not be made. The message names whom, and holds nothing secret. */
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

/** The code of an error of Node's or OpenSSL's. */
export function codeOf(error: unknown): string {
  const { code } = Object(error);
  return typeof code === "string" ? code : "UNKNOWN";
}
