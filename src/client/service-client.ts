// SPDX-License-Identifier: Apache-2.0
// A client of any service, made from its method table; its calls run exactly like those of this package's own clients.

import { ConfigurationError } from "../base/errors.js";
import { performCall } from "../rpc/call.js";
import type { CallOptions } from "../rpc/call-options.js";
import { performClientStream, performStream, type ReplyStream, type RequestSource } from "../rpc/call-stream.js";
import type { MethodRow, PagedRow, ServiceDescription, StreamRow } from "../rpc/method/method.js";
import { type PagedList, type PageRequest, type PageResponse, performPagedCall } from "../rpc/paging.js";
import type { Transport } from "../rpc/transport/transport.js";
import type { ClientOptions } from "./client-options.js";
import { ClientSession, type CloseOptions } from "./client-session.js";

/** A row of any kind. */
export type ServiceRow = MethodRow<never, unknown, unknown, unknown> | StreamRow<never, unknown, unknown, unknown>;

/** The method of a row: a promise for one response, an iterable for many or for a list of pages. */
export type ServiceMethod<Row> =
  Row extends StreamRow<infer Request, infer _Message, infer _Reply, infer Response, infer Kind>
    ? Kind extends "serverStream"
      ? (request: Request, options?: CallOptions) => ReplyStream<Response>
      : Kind extends "clientStream"
        ? (requests: RequestSource<Request>, options?: CallOptions) => Promise<Response>
        : (requests: RequestSource<Request>, options?: CallOptions) => ReplyStream<Response>
    : Row extends PagedRow<infer Request, infer _Message, infer _Reply, infer Page, infer Item>
      ? (request: Request, options?: CallOptions) => PagedList<Item, Page>
      : Row extends MethodRow<infer Request, infer _Message, infer _Reply, infer Response>
        ? (request: Request, options?: CallOptions) => Promise<Response>
        : never;

/** What a client has besides its methods. */
export interface ServiceClientMembers extends AsyncDisposable {
  /** The host that is called, as it was given or chosen. */
  readonly apiEndpoint: string;
  /** The universe that is called: `"googleapis.com"`. */
  readonly universeDomain: string;
  /** The transport that carries the calls. */
  readonly transport: Transport;
  /**
   * Refuses new calls, lets those in flight end within the grace period, fails the others with ClientClosedError, and closes the
   * transport (unless it was passed in). A second call waits for the first.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** A client: one method per row, by its key, and {@link ServiceClientMembers}. */
export type ServiceClient<Rows> = { readonly [Key in keyof Rows]: ServiceMethod<Rows[Key]> } & ServiceClientMembers;

/** Any row, as the runtime sees it, without its type parameters. */
type AnyRow = MethodRow<unknown, unknown, unknown, unknown> | StreamRow<unknown, unknown, unknown, unknown>;

const MEMBERS: readonly string[] = ["apiEndpoint", "universeDomain", "transport", "close", "then"];

/**
 * Makes a client for your own service, with everything that this package's clients have: credentials, one total deadline,
 * retries, metadata, errors, closing, on any transport; and streams.
 *
 * @param service its name, host and scopes
 * @param rows its methods by name; {@link rowFromStub} makes one from a generated stub
 * @throws ConfigurationError naming the option, variable or row that is wrong
 *
 * @example
 * const client = createServiceClient(
 *   { name: "Weather", hostPrefix: "weather", scopes: [], emulatorVariable: "WEATHER_EMULATOR_HOST" },
 *   { watch: rowFromStub(WeatherService.watch) },
 *   { apiEndpoint: "weather.example:443" },
 * );
 * for await (const report of client.watch({ city: "Oslo" })) show(report);
 */
export function createServiceClient<const Rows extends Readonly<Record<string, ServiceRow>>>(
  service: ServiceDescription,
  rows: Rows,
  options: ClientOptions = {},
): ServiceClient<Rows> {
  const taken = Object.keys(rows).find((key) => MEMBERS.includes(key));
  if (taken !== undefined) throw new ConfigurationError(`rows.${taken}: a client already has a member with that name`);
  const session = new ClientSession(service, options);
  const { runtime } = session;
  const members: ServiceClientMembers = {
    apiEndpoint: runtime.endpoint.apiEndpoint,
    universeDomain: runtime.endpoint.universeDomain,
    transport: runtime.transport,
    close: (closeOptions = {}) => session.close(closeOptions),
    [Symbol.asyncDispose]: () => session.close({}),
  };
  const methods = Object.entries(rows).map(([key, row]) => [key, buildMethod(session, row as unknown as AnyRow)]); // as: above
  return Object.freeze({ ...Object.fromEntries(methods), ...members });
}

function buildMethod({ context }: ClientSession, row: AnyRow) {
  switch (row.kind) {
    case "serverStream":
      return (request: unknown, options?: CallOptions) => performStream(context, row, request, options);
    case "bidi":
      return (requests: RequestSource<unknown>, options?: CallOptions) =>
        performStream(context, row, requests, options);
    case "clientStream":
      return (requests: RequestSource<unknown>, options?: CallOptions) =>
        performClientStream(context, row, requests, options);
    default:
      if ("items" in row) {
        const paged = row as PagedRow<PageRequest, unknown, unknown, PageResponse, unknown>; // as: what only such a row has
        return (request: PageRequest, options?: CallOptions) => performPagedCall(context, paged, request, options);
      }
      return (request: unknown, options?: CallOptions) => performCall(context, row, request, options);
  }
}
