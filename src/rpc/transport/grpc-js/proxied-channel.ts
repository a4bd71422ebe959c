// SPDX-License-Identifier: Apache-2.0
// Where a grpc-js channel connects to, and our settings as its options. Opens none.

import type { ChannelOptions } from "@grpc/grpc-js";
import { ConfigurationError } from "../../../base/errors.js";
import { formatAuthority } from "../../../base/socket/dial.js";
import { proxyRouteFrom } from "../../../base/socket/proxy-route.js";
import { TlsIdentity } from "../../../base/socket/tls-identity.js";
import type { KeepaliveSettings } from "../keepalive-settings.js";

/** Those of our settings that become channel options. */
interface ChannelSettings {
  readonly target: string;
  readonly proxyUrl?: string | undefined;
  readonly maxReplyBytes?: number | undefined;
  readonly keepalive?: KeepaliveSettings | undefined;
}

/** Where the channel connects to, and the options that take it through a proxy, which receives the server's address. */
export function proxiedChannel({ target, proxyUrl, maxReplyBytes, keepalive }: ChannelSettings): {
  readonly channelTarget: string;
  readonly options: ChannelOptions;
} {
  const limits = {
    ...(maxReplyBytes === undefined ? {} : { "grpc.max_receive_message_length": maxReplyBytes }),
    ...(keepalive === undefined ? {} : keepaliveOptions(keepalive)),
  };
  if (proxyUrl === undefined) return { channelTarget: target, options: limits };
  const { host, port, tls, authorization } = proxyRouteFrom(proxyUrl, new TlsIdentity());
  if (tls !== undefined) {
    throw new ConfigurationError(
      'proxyUrl: must start with http://, since grpc-js does not support proxies over TLS; the transport "rest" does',
    );
  }
  const credentials = authorization && Buffer.from(authorization.slice("Basic ".length), "base64").toString();
  return {
    channelTarget: `dns:${formatAuthority({ host, port })}`,
    options: {
      ...limits,
      "grpc.http_connect_target": `dns:${target}`,
      ...(credentials === undefined ? {} : { "grpc.http_connect_creds": credentials }),
      "grpc.default_authority": target,
    },
  };
}

function keepaliveOptions({ intervalMs, timeoutMs, withoutCalls = false }: KeepaliveSettings): ChannelOptions {
  return {
    "grpc.keepalive_time_ms": intervalMs,
    ...(timeoutMs === undefined ? {} : { "grpc.keepalive_timeout_ms": timeoutMs }),
    "grpc.keepalive_permit_without_calls": Number(withoutCalls),
  };
}
