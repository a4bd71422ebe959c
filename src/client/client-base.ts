// SPDX-License-Identifier: Apache-2.0
// What a client class has besides its methods: the shared statics, where it calls, how it closes, and how its methods make
// their calls. Knows no service.

import type { LookupRoute } from "../auth/tokens/regional-access-boundary.js";
import { getDefaultMtlsEndpoint } from "../base/certificate/mtls-endpoint.js";
import { systemClock } from "../base/clock.js";
import type { HttpClient } from "../base/http/http-client.js";
import { openSideClient } from "../base/http/side-requests.js";
import { isLoopbackHost } from "../base/socket/loopback.js";
import { type CallContext, performCall } from "../rpc/call.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { MethodRow, PagedRow, ServiceDescription } from "../rpc/method/method.js";
import { type PagedList, type PageRequest, type PageResponse, performPagedCall } from "../rpc/paging.js";
import type { Transport } from "../rpc/transport/transport.js";
import { getTransportClass, registerTransport } from "../rpc/transport-registry.js";
import type { ClientOptions } from "./client-options.js";
import { ClientSession, type CloseOptions } from "./client-session.js";
import * as names from "./common-resource-names.js";
import type { ServiceClientMembers } from "./service-client.js";

const sessions = new WeakMap<object, ClientSession>();

/** The HTTP client for requests besides a client's calls, with its roots, proxy and clock; with the defaults if the client is not ours. */
export function sideClientOf(client: object): HttpClient {
  return sessions.get(client)?.sideClient ?? openSideClient({ clock: systemClock });
}

/** How to reach a client's service with requests that are not RPCs. */
export function lookupRouteOf(client: { readonly apiEndpoint: string }): LookupRoute {
  const session = sessions.get(client);
  const hasCertificate = session?.runtime.clientCertSource !== undefined;
  const host = hasCertificate ? client.apiEndpoint : client.apiEndpoint.replace(".mtls.", ".");
  // A transport that the caller passed does not say whether it uses TLS.
  const isUnknown = session === undefined || !session.runtime.ownsTransport;
  const isPlain =
    session?.runtime.endpoint.isInsecure === true || (isUnknown && isLoopbackHost(host.replace(/:\d+$/, "")));
  return { http: session?.lookupClient ?? sideClientOf(client), url: `${isPlain ? "http" : "https"}://${host}` };
}

/** A client without its methods: the base of our client classes; {@link createServiceClient} does the same for any service. */
export class ClientBase implements ServiceClientMembers {
  readonly #session: ClientSession;

  /** {@link getDefaultMtlsEndpoint} */
  static readonly getDefaultMtlsEndpoint = getDefaultMtlsEndpoint;
  /** {@link getTransportClass} */
  static readonly getTransportClass = getTransportClass;
  /** {@link registerTransport} */
  static readonly registerTransport = registerTransport;

  /** {@link names.commonBillingAccountPath} */
  static readonly commonBillingAccountPath = names.commonBillingAccountPath;
  /** {@link names.commonFolderPath} */
  static readonly commonFolderPath = names.commonFolderPath;
  /** {@link names.commonOrganizationPath} */
  static readonly commonOrganizationPath = names.commonOrganizationPath;
  /** {@link names.commonProjectPath} */
  static readonly commonProjectPath = names.commonProjectPath;
  /** {@link names.commonLocationPath} */
  static readonly commonLocationPath = names.commonLocationPath;
  /** {@link names.parseCommonBillingAccountPath} */
  static readonly parseCommonBillingAccountPath = names.parseCommonBillingAccountPath;
  /** {@link names.parseCommonFolderPath} */
  static readonly parseCommonFolderPath = names.parseCommonFolderPath;
  /** {@link names.parseCommonOrganizationPath} */
  static readonly parseCommonOrganizationPath = names.parseCommonOrganizationPath;
  /** {@link names.parseCommonProjectPath} */
  static readonly parseCommonProjectPath = names.parseCommonProjectPath;
  /** {@link names.parseCommonLocationPath} */
  static readonly parseCommonLocationPath = names.parseCommonLocationPath;

  /** @throws ConfigurationError naming the option or variable that is wrong */
  constructor(service: ServiceDescription, options: ClientOptions) {
    this.#session = new ClientSession(service, options);
    sessions.set(this, this.#session);
  }

  /** The host that is called, as it was given or chosen: `"iam.googleapis.com"`. */
  get apiEndpoint(): string {
    return this.#session.runtime.endpoint.apiEndpoint;
  }

  /** The universe that is called: `"googleapis.com"`. */
  get universeDomain(): string {
    return this.#session.runtime.endpoint.universeDomain;
  }

  /** The transport that carries the calls. */
  get transport(): Transport {
    return this.#session.runtime.transport;
  }

  /**
   * Refuses new calls, lets those in flight end within the grace period, fails the others with ClientClosedError, and closes the
   * connection (unless the transport or channel was passed in). A second call waits for the first.
   *
   * @throws ConfigurationError when the grace period is not a number of milliseconds
   */
  close(options: CloseOptions = {}): Promise<void> {
    return this.#session.close(options);
  }

  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What the client lends to its calls, for methods that make more than one. */
  protected get context(): CallContext {
    return this.#session.context;
  }

  /** Calls a method. */
  protected call<Request, Message, Reply, Response>(
    row: MethodRow<Request, Message, Reply, Response>,
    request: Request,
    options: CallOptions | undefined,
  ): Promise<Response> {
    return performCall(this.#session.context, row, request, options);
  }

  /** The list of a paged method. */
  protected list<Request extends PageRequest, Message, Reply, Page extends PageResponse, Item>(
    row: PagedRow<Request, Message, Reply, Page, Item>,
    request: Request,
    options: CallOptions | undefined,
  ): PagedList<Item, Page> {
    return performPagedCall(this.#session.context, row, request, options);
  }
}
