// SPDX-License-Identifier: Apache-2.0
// TCP to a host with several addresses: the next one is tried while the previous one is still silent, and the first that answers
// wins (RFC 8305). Knows no TLS and no proxy.

import { lookup as lookupOfNode } from "node:dns";
import { connect, isIP, type Socket } from "node:net";
import { onAbort } from "../abort.js";
import type { Clock } from "../clock.js";
import { codeOf, DialError } from "./dial-error.js";

/** An address of a host. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. Rejects when there is none. */
export type Lookup = (host: string) => Promise<readonly Address[]>;

/** Where to connect, and on what conditions. */
interface TcpTarget {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** Gives up; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  readonly lookup?: Lookup | undefined;
  /** Whether the socket keeps the process alive. */
  readonly keepsAlive: boolean;
  /** Called when the address is known and the connection is being waited for. */
  readonly onLookedUp?: () => void;
}

/**
 * How long an address has before the next one is tried alongside it. Node's `autoSelectFamily` abandons the first instead, and so
 * fails if a round trip takes longer than that. Source: RFC 8305 section 5.
 */
const ATTEMPT_DELAY_MS = 250;

/** Connects. @throws DialError with the errors of all addresses in its text; the signal's reason */
export async function connectTcp(target: TcpTarget): Promise<Socket> {
  const { host, lookup = lookupAll } = target;
  const family = familyOf(host);
  const addresses = family === 0 ? await lookUp(host, lookup) : [{ address: host, family }];
  if (target.signal.aborted) throw target.signal.reason;
  target.onLookedUp?.();
  return raceAddresses(interleave(addresses), target);
}

/** 4 or 6 for an address, 0 for a name. Node's own check costs every process a millisecond, so this goes by looks. */
export function familyOf(host: string): number {
  return /^[\d.]+$|:/.test(host) ? isIP(host) : 0;
}

function lookupAll(host: string): Promise<readonly Address[]> {
  return new Promise((resolve, reject) => {
    lookupOfNode(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

async function lookUp(host: string, lookup: Lookup): Promise<readonly Address[]> {
  try {
    return await lookup(host);
  } catch (cause) {
    const { message } = Object(cause);
    throw new DialError(String(message), { step: "lookup", code: codeOf(cause), cause });
  }
}

/** Alternates the families, otherwise keeping the order, so that a broken family costs one delay. Source: RFC 8305 section 4. */
export function interleave(addresses: readonly Address[]): readonly Address[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  const turns = Array.from({ length: Math.max(first.length, second.length) }, (_, turn) => [first[turn], second[turn]]);
  return turns.flat().filter((address) => address !== undefined);
}

function raceAddresses(addresses: readonly Address[], target: TcpTarget): Promise<Socket> {
  const { port, clock, signal, keepsAlive } = target;
  return new Promise((resolve, reject) => {
    const connecting = new Set<Socket>();
    const errors: Error[] = [];
    let tried = 0;
    let isOver = false;
    let stopWaiting = (): void => undefined;
    const end = (settle: () => void): void => {
      isOver = true;
      stopWaiting();
      stopListening();
      for (const socket of connecting) socket.destroy();
      settle();
    };
    const stopListening = onAbort(signal, () => end(() => reject(signal.reason)));
    const tryNext = (): void => {
      stopWaiting();
      const address = addresses[tried++];
      if (address === undefined) {
        if (connecting.size === 0) end(() => reject(connectError(errors)));
        return;
      }
      const socket = connect({ host: address.address, port, noDelay: true });
      if (!keepsAlive) socket.unref();
      connecting.add(socket);
      const onError = (error: Error): void => {
        connecting.delete(socket);
        errors.push(error);
        if (!isOver) tryNext();
      };
      socket.once("error", onError);
      socket.once("connect", () => {
        if (isOver) return;
        connecting.delete(socket);
        socket.removeListener("error", onError);
        end(() => resolve(socket));
      });
      if (tried < addresses.length) stopWaiting = clock.schedule(ATTEMPT_DELAY_MS, tryNext, keepsAlive);
    };
    tryNext();
  });
}

/** Of several errors the first counts most: its address is of the family that the system prefers. */
function connectError(errors: readonly Error[]): DialError {
  const [cause] = errors;
  const text = errors.map(({ message }) => message).join(", ");
  return new DialError(text || "the name resolves to no address", { step: "connect", code: codeOf(cause), cause });
}
