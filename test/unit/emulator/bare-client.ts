// SPDX-License-Identifier: Apache-2.0
// A client of grpc-js and the generated codecs and nothing else, so that what is tested is the emulator alone.

import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { ErrorInfo } from "../../../generated/google/rpc/error_details.js";
import { Status } from "../../../generated/google/rpc/status.js";

/** What a call needs of a row of the generated service definition. */
export interface Row<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** How one call is made. */
export interface BareCall {
  /** The bearer. Default: no authorization header. */
  readonly token?: string;
  /** More headers. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds. Default: 50,000, since a machine may be busy with other things. */
  readonly timeoutMs?: number;
}

/** A refusal taken apart. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  /** `null` when the error carries no grpc-status-details-bin. */
  readonly info: ErrorInfo | null;
}

export class BareClient {
  readonly #client: Client;

  constructor(host: string) {
    this.#client = new Client(host, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  }

  call<Request, Response>(row: Row<Request, Response>, request: Request, options: BareCall = {}): Promise<Response> {
    const metadata = new Metadata();
    if (options.token !== undefined) metadata.set("authorization", `Bearer ${options.token}`);
    for (const [key, value] of Object.entries(options.headers ?? {})) metadata.add(key, value);
    const deadline = Date.now() + (options.timeoutMs ?? 50_000);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        row.path,
        row.requestSerialize,
        row.responseDeserialize,
        request,
        metadata,
        { deadline },
        (error, response) => {
          if (error !== null) reject(error);
          else resolve(response as Response); // grpc-js gives either an error or a response
        },
      );
    });
  }

  /** Makes a call that must be refused. */
  async refusal<Request, Response>(
    row: Row<Request, Response>,
    request: Request,
    options: BareCall = {},
  ): Promise<Refusal> {
    try {
      await this.call(row, request, options);
    } catch (error) {
      return readRefusal(error as ServiceError); // grpc-js rejects with nothing else
    }
    throw new Error("the call was not refused");
  }

  close(): void {
    this.#client.close();
  }
}

/** Takes an error of grpc-js apart, and checks that the details repeat code and message. */
export function readRefusal(error: ServiceError): Refusal {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (bytes === undefined) return { code: error.code, message: error.details, info: null };
  const status = Status.decode(Buffer.from(bytes));
  if (status.code !== error.code || status.message !== error.details || status.details.length === 0) {
    throw new Error(`details disagree with the status: ${JSON.stringify(status)}`);
  }
  const [detail] = status.details;
  if (detail?.typeUrl !== "type.googleapis.com/google.rpc.ErrorInfo") throw new Error(`details: ${detail?.typeUrl}`);
  return { code: error.code, message: error.details, info: ErrorInfo.decode(detail.value) };
}
