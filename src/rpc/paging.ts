// SPDX-License-Identifier: Apache-2.0
// Lists that come page by page (AIP-158): each page is a call of its own, made when its first item is wanted. Knows no service.

import { Status } from "../base/causes/status.js";
import { RpcError } from "../base/errors.js";
import { type CallContext, performCall } from "./call.js";
import type { CallOptions } from "./call-options.js";
import type { PagedRow } from "./method/method.js";

/**
 * A list that is fetched while it is read: `for await (const item of list)`. Nothing is sent before the first item is asked for, and
 * no page before the one in front of it has been read to its end. Each loop starts anew, at the page that the request names.
 *
 * Call options hold for each page by itself: a page has the whole `timeout`, and its own retries. The `signal` ends the loop at once,
 * with its own reason, even between two items of one page.
 */
export interface PagedList<Item, Page> extends AsyncIterable<Item> {
  /** The same, page by page: each is the response of the service as it is, its `nextPageToken` included. */
  pages(): AsyncIterable<Page>;
  /** One page alone, the one that the request names: for callers that keep the `nextPageToken` and ask for the next page later. */
  firstPage(): Promise<Page>;
  /** All items of all pages. For lists that are known to be short: a whole project's can be long. */
  toArray(): Promise<Item[]>;
}

/** What the request of a paged method has. */
export interface PageRequest {
  /** Where to go on: the `nextPageToken` of a page. Default: at the start. */
  readonly pageToken?: string | undefined;
}

/** What the response of a paged method has. */
export interface PageResponse {
  /** Asks for the next page; empty: there is none. */
  readonly nextPageToken: string;
}

/**
 * Makes the calls of a paged list, none before it is read.
 *
 * @throws RequestError at once when a field is wrong; what a page's call throws comes from the loop
 */
export function performPagedCall<Request extends PageRequest, Message, Reply, Page extends PageResponse, Item>(
  context: CallContext,
  row: PagedRow<Request, Message, Reply, Page, Item>,
  request: Request,
  options: CallOptions | undefined,
): PagedList<Item, Page> {
  row.normalize(request);
  // What the caller does to the object afterwards must not move the list.
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
      const text = "the service gave the token of a page as that of the page behind it, so the list would never end";
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
