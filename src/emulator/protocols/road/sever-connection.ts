// SPDX-License-Identifier: Apache-2.0
// Does to a connection what a fault specifies, below the protocol: on the socket itself. Does not know the call.

import { writeSync } from "node:fs";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { EmulatorConnectionFault } from "../../world/faults/fault.js";

// RFC 9113, 6.8: 8 bytes of payload, type 7, stream 0; the last stream that was taken, NO_ERROR. Streams reported as not taken are resent,
// rightly: so a connection on which other calls are being run must not report them so.
const goaway = (lastStream: string): Buffer => Buffer.from(`000008070000000000${lastStream}00000000`, "hex");
const NONE_TAKEN = goaway("00000000");
const ALL_TAKEN = goaway("7fffffff");
// Neither a frame (its length is over any limit, RFC 9113, 4.2) nor a status line.
const GARBAGE = Buffer.from("\xff\xff\xff\xee?\x00garbage\r\n\r\n".repeat(4), "latin1");

// node:http2 owns the socket's stream: a write through the socket's own method can abort the process (node_http2.cc,
// OnStreamAfterWrite). So the bytes go to the descriptor below it, at once or not at all. Under TLS they are below TLS, too.
function writeBelow(socket: Socket, bytes: Buffer): void {
  // Undocumented, and -1 or absent where there is none (Windows): then the connection is closed without the bytes.
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } | null };
  const fd = handle?.fd ?? -1;
  if (fd < 0) return;
  try {
    writeSync(fd, bytes);
  } catch {
    // Full or gone.
  }
}

/**
 * Strikes a connection. Under TLS a `goaway` can't be inserted and becomes a `half-close`.
 *
 * `truncate` closes it, as `half-close` does: what was answered until then is up to the caller.
 *
 * @param protocol what is spoken on it, and whether other calls are under way on it
 */
export function severConnection(
  connection: Socket,
  how: EmulatorConnectionFault,
  protocol: "http1" | "http2" | "http2 with other calls",
): void {
  if (how === "hang") {
    // Servers close idle connections; this one is idle on purpose.
    connection.setTimeout(0);
  } else if (how === "reset") {
    // Under TLS no RST can be sent: the connection is closed abruptly. So is one that another fault ended before: libuv
    // refuses to reset it (uv_tcp_close_reset: EINVAL), and node:net would leave it open with nobody to close it.
    if (connection instanceof TLSSocket || connection.writableEnded) connection.destroy();
    else connection.resetAndDestroy();
  } else if (how === "garbage" && protocol === "http1") {
    connection.end(GARBAGE);
  } else {
    if (how === "garbage") writeBelow(connection, GARBAGE);
    if (how === "goaway" && protocol !== "http1" && !(connection instanceof TLSSocket)) {
      writeBelow(connection, protocol === "http2" ? NONE_TAKEN : ALL_TAKEN);
    }
    connection.end();
  }
}
