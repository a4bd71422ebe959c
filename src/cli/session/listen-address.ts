// SPDX-License-Identifier: Apache-2.0
// What --listen says: an address of this machine, or a socket in the file system; and why listening there fails.
// Opens nothing.

import { CommandError, messageOf, UsageError } from "../host/output.js";
import { parsePort } from "../table/flags.js";
import type { ListenAt } from "./session-server.js";

const LOOPBACK = /^(127\.[\d.]+|localhost|::1)$/;

/**
 * Reads --listen.
 *
 * @param isOpen whether addresses that other machines can reach are allowed
 * @throws UsageError when it is malformed
 */
export function parseListen(text: string, isOpen: boolean): ListenAt {
  if (text.startsWith("unix:")) return { path: text.slice("unix:".length) };
  const [, host = "", port = ""] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (host === "") throw new UsageError(`--listen must be HOST:PORT or unix:PATH, not ${JSON.stringify(text)}`);
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (!isOpen && !LOOPBACK.test(bare)) {
    throw new UsageError(
      `--listen ${text}: anyone who reaches that address can get tokens; pass --allow-container-network if that is intended`,
    );
  }
  return { host: bare, port: parsePort(port, "--listen") };
}

/** Says why a server can't listen. */
export function explainListen(error: unknown, at: string): Error {
  const { code } = Object(error) as { code?: unknown }; // as: any value has properties after Object()
  if (code === "EADDRINUSE")
    return new CommandError(`${at} is in use: stop the process that uses it, or choose another --listen`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new UsageError(`--listen must be an address of this machine, not ${at}`);
  return new CommandError(`--listen ${at}: ${messageOf(error)}`, { cause: error });
}

/** The first of the signals that end a server. */
export function waitForEnd(onHangUp: () => void): Promise<NodeJS.Signals> {
  process.on("SIGHUP", onHangUp);
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => resolve(name));
  });
}
