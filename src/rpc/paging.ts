// SPDX-License-Identifier: Apache-2.0
// Lists that come page by page (AIP-158): each page is a call of its own, made when its first item is needed. Knows no service.

import { Status } from "../base/causes/status.js";
import { RpcError } from "../base/errors.js";
import { type CallContext, performCall } from "./call.js";
import type { CallOptions } from "./call-options.js";
import type { PagedRow } from "./method/method.js";

/**
 * A list that is fetched while it is read: `for await (const item of list)`. Nothing is sent before the first item is requested, and
 * no page is requested before the previous one has been read to its end. Each loop starts over, at the page that the request names.
 *
 * Call options apply to each page separately: each has the whole `timeout` and its own retries. The `signal` ends the loop at once,
 * with its own reason, even between two items of one page.
 */
export interface PagedList<Item, Page> extends AsyncIterable<Item> {
  /** The same, page by page: each is the service's response as it is, including its `nextPageToken`. */
  pages(): AsyncIterable<Page>;
  /** A single page, the one that the request names: for callers that keep the `nextPageToken` and fetch the next page later. */
  firstPage(): Promise<Page>;
  /** All items of all pages. For lists that are known to be short: a whole project's list can be long. */
  toArray(): Promise<Item[]>;
}

/** The page field of a paged method's request. */
export interface PageRequest {
  /** Where to continue: the `nextPageToken` of a page. Default: at the start. */
  readonly pageToken?: string | undefined;
}

/** The page field of a paged method's response. */
export interface PageResponse {
  /** The token for the next page; empty: there is none. */
  readonly nextPageToken: string;
}

/**
 * Makes the calls of a paged list, none before it is read.
 *
 * @throws RequestError at once when a field is wrong; the loop throws what a page's call throws
 */
export function performPagedCall<Request extends PageRequest, Message, Reply, Page extends PageResponse, Item>(
  context: CallContext,
  row: PagedRow<Request, Message, Reply, Page, Item>,
  request: Request,
  options: CallOptions | undefined,
): PagedList<Item, Page> {
  row.normalize(request);
  // Later changes to the caller's object must not affect the list.
  const first = { ...request };
  const list: PagedList<Item, Page> = {
    pages: () => fetchPages(context, row, first, options),
    firstPage: () => performCall(context, row, first, options),
    async toArray() {
      const items: Item[] = [];
      for await (const page of list.pages()) items.push(...row.items(page));
      return items;
    },
    [Symbol.asyncIterator]: () => readItems(list.pages(), row, options?.signal),
  };
  return list;
}

async function* fetchPages<Request extends PageRequest, Message, Reply, Page extends PageResponse, Item>(
  context: CallContext,
  row: PagedRow<Request, Message, Reply, Page, Item>,
  first: Request,
  options: CallOptions | undefined,
): AsyncGenerator<Page, undefined> {
  let { pageToken } = first;
  for (;;) {
    const page = await performCall(context, row, { ...first, pageToken }, options);
    yield page;
    if (page.nextPageToken === "") return;
    if (page.nextPageToken === pageToken) {
      const text = "the service returned the token of this page as that of the next one, so the list would never end";
      const { kind } = context.runtime.transport;
      throw new RpcError({ code: Status.INTERNAL, text, method: row.label, transport: kind });
    }
    pageToken = page.nextPageToken;
  }
}

async function* readItems<Page, Item>(
  pages: AsyncIterable<Page>,
  row: { items(page: Page): readonly Item[] },
  signal: AbortSignal | undefined,
): AsyncGenerator<Item, undefined> {
  for await (const page of pages) {
    for (const item of row.items(page)) {
      if (signal?.aborted) throw signal.reason;
      yield item;
    }
  }
}
