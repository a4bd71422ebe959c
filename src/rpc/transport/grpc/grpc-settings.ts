// SPDX-License-Identifier: Apache-2.0
// The settings of the gRPC transport, and those that only grpc-js takes. Opens nothing.

import type { ClientCertSource } from "../../../base/certificate/client-certificate.js";
import type { Clock } from "../../../base/clock.js";
import { ConfigurationError } from "../../../base/errors.js";
import type { Logger } from "../../../base/logging.js";
import type { TokenProvider } from "../../../base/token-provider.js";
import type { KeepaliveSettings } from "../keepalive-settings.js";

/** The settings of a gRPC transport. */
export interface GrpcTransportSettings {
  /** `host:port`. Required. */
  readonly target: string;
  /** Whether the connection is unencrypted. Default: false. */
  readonly isInsecure?: boolean | undefined;
  /** PEM certificates to trust. Default: the built-in roots, and those of `NODE_EXTRA_CA_CERTS`. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** Cipher suites in OpenSSL's form. Default: Node's. */
  readonly cipherSuites?: string | undefined;
  /** Returns the certificate to present; called again for each connection. Default: none is presented. */
  readonly clientCertSource?: ClientCertSource | undefined;
  /** The proxy to go through, with credentials if it requires them. Default: none. */
  readonly proxyUrl?: string | undefined;
  /** When to PING a silent connection. Default: never. */
  readonly keepalive?: KeepaliveSettings | undefined;
  /** The environment variable that names the target, for messages. Default: none does. */
  readonly endpointVariable?: string | undefined;
  /** The environment variable that names the proxy, for messages. Default: none does. */
  readonly proxyVariable?: string | undefined;
  /** The maximum size of a reply in octets. Default: 32 MiB, as over REST. */
  readonly maxReplyBytes?: number | undefined;
  /** Who authorizes the calls of a client that is given this transport. Default: nobody. */
  readonly tokenProvider?: TokenProvider | undefined;
  /** Receives log records about connections. Default: no logging. */
  readonly logger?: Logger | undefined;
  /** Time and chance. Default: the machine's. */
  readonly clock?: Clock | undefined;
}

/** Refuses settings that only grpc-js takes. @throws ConfigurationError naming it */
export function refuseChannelSettings(settings: object): void {
  const given = new Map(Object.entries(settings));
  const [option] = Object.keys(given.get("channelOptions") ?? {});
  const keys = ["channel", "channelCredentials", "channelClass"].filter((key) => given.get(key) !== undefined);
  if (option !== undefined) keys.push(`channelOptions["${option}"]`);
  if (keys[0] !== undefined) throw new ConfigurationError(`${keys[0]}: is only supported by the transport "grpc-js"`);
}
