// SPDX-License-Identifier: Apache-2.0
// Which connection failures no further attempt can fix, after how many attempts that is clear, and how to fix each. One table for all
// transports. Makes no connections.

/** What is known about a connection besides its error. */
export interface ConnectionSurroundings {
  /** The `host:port` to reach. */
  readonly host: string;
  /** The environment variable that names that host. Default: an option or a rule names it. */
  readonly endpointVariable?: string | undefined;
  /** The environment variable that names the proxy. Default: there is no proxy. */
  readonly proxyVariable?: string | undefined;
  /** Whether the host has answered before: then it is presumably restarting, and worth waiting for. */
  readonly hasAnswered: boolean;
}

/** What a connection error says: a `DialError`, or one of Node's. */
interface ConnectionFailure {
  readonly code: string;
  readonly step: string | undefined;
  readonly isProxy: boolean;
  readonly httpStatus: number | undefined;
  readonly message: string;
}

/** A row of the table. */
interface FinalFailure {
  readonly name: string;
  /** After how many attempts the call gives up. */
  readonly attempts: number;
  isIt(failure: ConnectionFailure, around: ConnectionSurroundings): boolean;
  /** How to fix it. */
  mend(failure: ConnectionFailure, around: ConnectionSurroundings): string;
}

/** One attempt proves it. */
const AT_ONCE = 1;
/** Transient DNS failures look the same. */
const AFTER_A_FEW = 3;

const UNTRUSTED =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)|CERT_(UNTRUSTED|REJECTED|SIGNATURE_FAILURE|REVOKED)|INVALID_(CA|PURPOSE))$/;
const NO_TLS =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST|RECORD_LAYER_FAILURE)$/;
const NO_HTTP2 = /^(NO_PROTOCOL|ERR_SSL_(TLSV1|TLSV13|SSL)?_?ALERT_NO_APPLICATION_PROTOCOL)$/;

const proxyIn = ({ proxyVariable }: ConnectionSurroundings): string => proxyVariable ?? "the proxy's URL";

/** The table. The first row that fits wins. */
export const FINAL_FAILURES: readonly FinalFailure[] = [
  {
    name: "a certificate from a CA that is not trusted",
    attempts: AT_ONCE,
    isIt: ({ code }) => UNTRUSTED.test(code),
    mend: () =>
      "trust its CA with the option rootCertificates, or with NODE_EXTRA_CA_CERTS, set before the program starts",
  },
  {
    name: "a certificate for another host",
    attempts: AT_ONCE,
    isIt: ({ code }) => code === "ERR_TLS_CERT_ALTNAME_INVALID",
    mend: (_, { proxyVariable }) =>
      `call the host by a name that its certificate is for${proxyVariable === undefined ? "" : `, or check the proxy that ${proxyVariable} names`}`,
  },
  {
    name: "a certificate that has expired or is not valid yet",
    attempts: AT_ONCE,
    isIt: ({ code }) => code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID",
    mend: () => "the server must renew it, unless this machine's clock is wrong",
  },
  {
    name: "a server that requires a client certificate",
    attempts: AT_ONCE,
    isIt: ({ code }) => code === "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    mend: () => "present one: set the option clientCertSource and GOOGLE_API_USE_CLIENT_CERTIFICATE=true",
  },
  {
    name: "a port without TLS",
    attempts: AT_ONCE,
    isIt: ({ code, step }) => step === "tls" && NO_TLS.test(code),
    mend: ({ isProxy }, around) =>
      isProxy
        ? `the proxy does not speak TLS: start ${proxyIn(around)} with http://`
        : "the port does not speak TLS: for an emulator, set the option insecure",
  },
  {
    name: "a peer without HTTP/2",
    attempts: AT_ONCE,
    isIt: ({ code }) => NO_HTTP2.test(code),
    mend: () => 'a proxy that inspects TLS is probably in between; transport: "rest" does not need HTTP/2',
  },
  {
    name: "a peer that answers in HTTP/1",
    attempts: AT_ONCE,
    isIt: ({ code }, { hasAnswered }) => code === "HTTP_1" && !hasAnswered,
    mend: () => 'call the port on which the service speaks gRPC, or use transport: "rest"',
  },
  {
    name: "a proxy that requires a password",
    attempts: AT_ONCE,
    isIt: ({ httpStatus }) => httpStatus === 407,
    mend: (_, around) => `put the user and password into ${proxyIn(around)}: http://user:password@host:port`,
  },
  {
    name: "a proxy that refuses the host",
    attempts: AT_ONCE,
    isIt: ({ code, httpStatus = 0 }) => code === "PROXY_REFUSED" && httpStatus >= 400 && httpStatus < 500,
    mend: (_, around) => `have the proxy allow the host, or exempt the host from ${proxyIn(around)} with no_proxy`,
  },
  {
    name: "a proxy that is not an HTTP proxy",
    attempts: AT_ONCE,
    isIt: ({ code }) => code === "NOT_HTTP",
    mend: (_, around) => `${proxyIn(around)} must name an HTTP proxy`,
  },
  {
    name: "a name that does not exist",
    attempts: AFTER_A_FEW,
    isIt: ({ code, step }) => code === "ENOTFOUND" && (step === undefined || step === "lookup"),
    mend: ({ isProxy }, around) =>
      isProxy
        ? `check the host in ${proxyIn(around)}`
        : `check ${around.endpointVariable ?? "apiEndpoint and universeDomain"}; behind a proxy, set https_proxy`,
  },
  {
    name: "a bundle without require",
    attempts: AT_ONCE,
    isIt: ({ code, message }) => code === "" && /\brequire\b.*"node:/.test(message),
    mend: () =>
      "the bundle is an ES module without require; have the bundler's banner define it with createRequire of node:module",
  },
  {
    name: "an emulator that is not running",
    attempts: AT_ONCE,
    isIt: ({ code, isProxy }, { endpointVariable, hasAnswered }) =>
      code === "ECONNREFUSED" && !isProxy && endpointVariable !== undefined && !hasAnswered,
    mend: (_, { endpointVariable }) =>
      `${endpointVariable} names this port; start \`iamcreds emulator\`, or unset the variable`,
  },
];

/** What to say about a failure to connect. */
interface ExplainedFailure {
  /** The reason first, then how to fix it. */
  readonly text: string;
  /** After how many attempts to give up; `undefined`: it may go away. */
  readonly finalAfter: number | undefined;
}

/** Explains why a connection could not be made or was lost. @param error a `DialError`, or one of Node's */
export function explainConnectionFailure(error: unknown, around: ConnectionSurroundings): ExplainedFailure {
  const failure = failureOf(error);
  const row = FINAL_FAILURES.find((each) => each.isIt(failure, around));
  const text = `the connection to ${around.host} failed: ${failure.message}`;
  if (row === undefined) return { text, finalAfter: undefined };
  return { text: `${text}; ${row.mend(failure, around)}`, finalAfter: row.attempts };
}

function failureOf(error: unknown): ConnectionFailure {
  const { code, step, isProxy, httpStatus, reason, message } = Object(error);
  return {
    code: typeof code === "string" ? code : "",
    step: typeof step === "string" ? step : undefined,
    isProxy: isProxy === true,
    httpStatus: typeof httpStatus === "number" ? httpStatus : undefined,
    // OpenSSL's full message names its source files.
    message: String((typeof reason === "string" && reason) || message || code || error),
  };
}
