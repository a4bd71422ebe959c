// SPDX-License-Identifier: Apache-2.0
// A connection that is ready for calls: connected, known to speak HTTP/2, watched by keepalive. Knows no call.

import type { Socket } from "node:net";
import type { LoadedCertificate } from "../../../base/certificate/client-certificate.js";
import type { Clock } from "../../../base/clock.js";
import { DialError } from "../../../base/socket/dial-error.js";
import { Http2Connection } from "../http2/connection.js";
import type { ConnectionOwner } from "../http2/connection-owner.js";
import { ErrorCode, Http1Answer } from "../http2/frames/frames.js";
import type { RequestHead } from "../http2/request-head.js";
import type { GoAway, Http2Stream, StreamHandler } from "../http2/stream.js";
import type { KeepaliveSettings } from "../keepalive-settings.js";
import type { ConnectionLog, RetireReason } from "./connection-log.js";
import type { Line } from "./exchange.js";
import { Keepalive } from "./keepalive.js";
import { fieldPolicy } from "./request-fields.js";

/** Is notified of a wire's events once it is ready. */
export interface WireOwner {
  readonly log: ConnectionLog;
  /** Removes what calls have sent from what the server says. */
  mask(text: string): string;
  /** Called when there may be room for a call. */
  onRoom(wire: Wire): void;
  /** Called when it takes no new calls. @param why what the server said, or our own reason */
  onDrain(wire: Wire, why: GoAway | RetireReason): void;
  /** Called when it has ended. */
  onEnd(wire: Wire, error: Error | undefined): void;
}

/** How a wire is used. */
export interface WireSettings {
  readonly clock: Clock;
  readonly keepalive: KeepaliveSettings | undefined;
  /** The certificate that was presented; `undefined`: none. */
  readonly certificate: LoadedCertificate | undefined;
  /** Stops waiting for it to be ready. */
  readonly signal: AbortSignal;
}

/** How often an idle connection is checked, and how many times in a row before it is closed: after half an hour, as with grpc-js. */
const IDLE_LOOK_MS = 600_000;
const IDLE_LOOKS = 3;

/** A failure that no further attempt can fix, in the form of a dial error. */
const HTTP_1 = { step: "protocol", code: "HTTP_1" } as const;

/** A connection. Made by {@link openWire}. */
export class Wire implements ConnectionOwner, Line {
  readonly fingerprint: string | undefined;
  readonly #owner: WireOwner;
  readonly #settings: WireSettings;
  readonly #connection: Http2Connection;
  #onSettled: ((error: Error | undefined) => void) | undefined;
  #keepalive: Keepalive | undefined;
  #stopIdleTimer: (() => void) | undefined;
  #opened = 0;

  /** @param onSettled called once: when it is ready, or when it ended before that, with an error */
  constructor(
    socket: Socket,
    owner: WireOwner,
    settings: WireSettings & { readonly onSettled: (error: Error | undefined) => void },
  ) {
    this.fingerprint = settings.certificate?.fingerprint;
    this.#owner = owner;
    this.#settings = settings;
    this.#onSettled = settings.onSettled;
    const mask = (text: string): string => owner.mask(text);
    this.#connection = new Http2Connection(socket, this, { clock: settings.clock, fieldPolicy, mask });
    // Somebody is waiting for it.
    this.#connection.holdOpen(true);
  }

  get answersRead(): number {
    return this.#connection.answersRead;
  }

  /** Whether a call can go out on it now. */
  get hasRoom(): boolean {
    return this.#connection.hasRoom;
  }

  /** Opens a stream. @throws HeaderListTooLarge */
  open(head: RequestHead, handler: StreamHandler): Http2Stream {
    this.#opened++;
    if (this.#connection.streamCount === 0) this.#keepalive?.onCall();
    return this.#connection.open(head, handler);
  }

  /** Whether to keep the process alive without a call on it, because one is waiting for room. */
  holdOpen(isWanted: boolean): void {
    this.#connection.holdOpen(isWanted);
  }

  /** Takes no new calls; those on it may finish. */
  retire(): void {
    this.#connection.retire();
  }

  /** Closes it. */
  close(code?: number, error?: Error): void {
    this.#connection.close(code, error);
  }

  onReady(): void {
    const { clock, keepalive } = this.#settings;
    if (keepalive !== undefined) {
      const onDead = (): void => this.close(ErrorCode.NO_ERROR, new Error("a PING was not acknowledged in time"));
      const { log } = this.#owner;
      this.#keepalive = new Keepalive(this.#connection, { settings: keepalive, clock, log, onDead });
    }
    this.#watchIdleness(0, 0);
    this.#connection.holdOpen(false);
    this.#settle(undefined);
  }

  #watchIdleness(openedBefore: number, looks: number): void {
    const look = (): void => {
      const isIdle = this.#opened === openedBefore && this.#connection.streamCount === 0;
      if (isIdle && looks + 1 >= IDLE_LOOKS) {
        this.#owner.onDrain(this, "idle");
        this.retire();
      } else this.#watchIdleness(this.#opened, isIdle ? looks + 1 : 0);
    };
    this.#stopIdleTimer = this.#settings.clock.schedule(IDLE_LOOK_MS, look, false);
  }

  onRoom(): void {
    if (this.#onSettled === undefined) this.#owner.onRoom(this);
  }

  onDrain(goAway: GoAway | undefined): void {
    if (this.#onSettled === undefined) this.#owner.onDrain(this, goAway ?? "no stream IDs left");
  }

  onEnd(error: Error | undefined): void {
    this.#keepalive?.stop();
    this.#stopIdleTimer?.();
    if (this.#onSettled === undefined) this.#owner.onEnd(this, error);
    else if (error instanceof Http1Answer) this.#settle(new DialError(error.message, HTTP_1));
    else this.#settle(error ?? new Error("the connection was closed by this client"));
  }

  #settle(error: Error | undefined): void {
    const onSettled = this.#onSettled;
    this.#onSettled = undefined;
    onSettled?.(error);
  }
}

/**
 * A wire over a socket, once the peer has sent its SETTINGS: one that ends before that never was a connection.
 *
 * @throws why it ended; the signal's reason
 */
export function openWire(socket: Socket, owner: WireOwner, settings: WireSettings): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const onSettled = (error: Error | undefined): void => {
      settings.signal.removeEventListener("abort", giveUp);
      if (error === undefined) resolve(wire);
      else reject(settings.signal.aborted ? settings.signal.reason : error);
    };
    const wire = new Wire(socket, owner, { ...settings, onSettled });
    const giveUp = (): void => wire.close();
    settings.signal.addEventListener("abort", giveUp, { once: true });
  });
}
