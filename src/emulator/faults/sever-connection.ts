// SPDX-License-Identifier: Apache-2.0
// Does to a connection what a fault asks for, below the protocol: on the socket itself. Does not know the call.

import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { EmulatorConnectionFault } from "./fault.js";

// RFC 9113, 6.8: 8 bytes of payload, type 7, stream 0; last stream 0, NO_ERROR. No stream was taken.
const GOAWAY = Buffer.from("0000080700000000000000000000000000", "hex");
// Neither a frame (its length is over any limit, RFC 9113, 4.2) nor a status line.
const GARBAGE = Buffer.from("\xff\xff\xff\xee?\x00garbage\r\n\r\n".repeat(4), "latin1");

/**
 * Strikes a connection. `truncate` closes it, as `half-close` does: what was answered until then is up to the caller.
 *
 * @param protocol what is spoken on it
 */
export function severConnection(connection: Duplex, how: EmulatorConnectionFault, protocol: "http1" | "http2"): void {
  if (how === "hang") {
    // A face may close what is silent for long; this one is silent on purpose.
    if (connection instanceof Socket) connection.setTimeout(0);
  } else if (how === "reset") {
    if (connection instanceof Socket) connection.resetAndDestroy();
    else connection.destroy();
  } else if (how === "garbage") {
    connection.end(GARBAGE);
  } else if (how === "goaway" && protocol === "http2") {
    connection.end(GOAWAY);
  } else {
    connection.end();
  }
}
