// SPDX-License-Identifier: Apache-2.0
// A unary call: one message goes out, one message or a status comes back. Knows no other call.

import { Status } from "../../../base/causes/status.js";
import type { Http2Stream } from "../http2/stream.js";
import type { UnaryCall } from "../transport.js";
import { type Ending, Exchange, type ExchangeOwner } from "./exchange.js";

/** A unary call in flight. Settles its promise once. */
export class UnaryExchange<Message, Reply> extends Exchange {
  readonly #call: UnaryCall<Message, Reply>;
  readonly #request: Uint8Array;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (reason: unknown) => void;
  #reply: Buffer | undefined;

  constructor(owner: ExchangeOwner, { call, request, resolve, reject }: UnaryParts<Message, Reply>) {
    super(owner, call);
    this.#call = call;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  protected onOpen(stream: Http2Stream): void {
    stream.write(this.#request, true);
  }

  protected rewind(): boolean {
    return true;
  }

  protected readonly hasBacklog = false;

  protected onMessage(bytes: Buffer, credit: number): void {
    if (this.#reply !== undefined) {
      this.fail({ code: Status.INTERNAL, text: "the service sent more than one message" });
      return;
    }
    this.#reply = bytes;
    this.stream?.consume(credit);
  }

  protected onSuccess(): void {
    if (this.#reply === undefined) {
      this.fail({ code: Status.INTERNAL, text: "the service returned OK without a message" });
      return;
    }
    let reply: Reply;
    try {
      reply = this.#call.method.decode(this.#reply);
    } catch (cause) {
      this.fail({ code: Status.INTERNAL, text: "the response is not a valid message", cause });
      return;
    }
    this.succeed();
    this.#resolve(reply);
  }

  protected onFinish({ error }: Ending): void {
    this.#reject(error);
  }
}

/** The parts of a unary exchange. */
interface UnaryParts<Message, Reply> {
  readonly call: UnaryCall<Message, Reply>;
  /** The message, framed. */
  readonly request: Uint8Array;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (reason: unknown) => void;
}
