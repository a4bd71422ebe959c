// SPDX-License-Identifier: Apache-2.0
// Who may ask a server on loopback: which hosts and origins a request may name, and on Linux whose process sent it. Knows no
// path.

import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { endianness } from "node:os";

/** Which requests a server accepts. */
export interface PeerRules {
  /** The allowed values of `Host`, without the port. Required. */
  readonly hosts: readonly string[];
  /** The user whose processes may ask; undefined: any user's, or the user can't be determined. Required. */
  readonly uid: number | undefined;
  /** Whether pages that the server itself has served may ask, and requests that were forwarded. Default: false. */
  readonly isForPages?: boolean;
}

/** The names of this machine for itself. */
export const LOOPBACK_HOSTS: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

/** One end of a connection. */
interface End {
  readonly address: string;
  readonly port: number;
}

const MAPPED = "0000000000000000FFFF0000";

/** Four bytes as the kernel prints them: a number in the machine's byte order. */
function word(bytes: readonly number[]): string {
  const inOrder = endianness() === "LE" ? [...bytes].reverse() : bytes;
  return Buffer.from(inOrder).toString("hex").toUpperCase();
}

/** An end as written in /proc/net/tcp6, where IPv4 addresses are mapped; undefined: it is not on the loopback interface. */
function formatEnd({ address, port }: End): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  if (address === "::1") return `${"0".repeat(24)}${word([0, 0, 0, 1])}${suffix}`;
  const [, dotted] = /^(?:::ffff:)?(127\.[\d.]+)$/.exec(address) ?? [];
  return dotted && `${MAPPED}${word(dotted.split(".").map(Number))}${suffix}`;
}

/** An end in /proc/net/tcp or tcp6 in the form of the second. */
const mapped = (end: string): string => (end.length > 13 ? end : `${MAPPED}${end}`);

/**
 * The user of the socket at one end of a connection, by a table of the kernel's; undefined: not found. Both addresses count, since
 * anybody can connect from the same port of another loopback address.
 *
 * @param table the contents of /proc/net/tcp or /proc/net/tcp6
 * @param near the end whose user is meant
 * @param far the other end
 */
export function findUid(table: string, near: End, far: End): number | undefined {
  const wanted = [formatEnd(near), formatEnd(far)];
  for (const line of table.split("\n").slice(1)) {
    const [, local = "", remote = "", , , , , uid] = line.trim().split(/\s+/);
    if (mapped(local) === wanted[0] && mapped(remote) === wanted[1]) return Number(uid);
  }
  return undefined;
}

function readTable(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** The user of the process at the other end; undefined: can't be determined. */
function uidOfPeer({
  remoteAddress = "",
  remotePort = 0,
  localAddress = "",
  localPort = 0,
}: Socket): number | undefined {
  if (process.platform !== "linux") return undefined;
  const near = { address: remoteAddress, port: remotePort };
  const far = { address: localAddress, port: localPort };
  for (const path of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const uid = findUid(readTable(path), near, far);
    if (uid !== undefined) return uid;
  }
  return undefined;
}

/** Cached per connection, since its user can't change. */
const known = new WeakMap<Socket, number | undefined>();

function uidOf(socket: Socket): number | undefined {
  if (!known.has(socket)) known.set(socket, uidOfPeer(socket));
  return known.get(socket);
}

/** Whether the socket belongs to another user's process, or that can't be determined although the system supports it. */
function isForeign(socket: Socket, uid: number | undefined): boolean {
  const isLocal = LOOPBACK.test(socket.remoteAddress ?? "");
  return uid !== undefined && isLocal && process.platform === "linux" && uidOf(socket) !== uid;
}

const withoutPort = (host: string): string => host.replace(/:\d+$/, "");

/** Why a request is refused; undefined: it is accepted. */
export function refusalOf({ headers, socket }: IncomingMessage, rules: PeerRules): string | undefined {
  const { host = "", origin } = headers;
  if (!rules.hosts.includes(withoutPort(host))) return "This host is not served.";
  const isOwnPage = rules.isForPages === true && origin === `http://${host}`;
  if (origin !== undefined && !isOwnPage) return "Requests from web pages are not served.";
  if (rules.isForPages !== true && headers["x-forwarded-for"] !== undefined) {
    return "Requests with X-Forwarded-For are not served.";
  }
  return isForeign(socket, rules.uid) ? "Processes of other users are not served." : undefined;
}

/** The user id of this process; undefined on systems without user ids. */
export function ownUid(): number | undefined {
  return process.getuid?.();
}
