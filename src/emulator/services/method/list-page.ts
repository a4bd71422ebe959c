// SPDX-License-Identifier: Apache-2.0
// Cuts lists into pages (AIP-158). Does not know what is listed.

import { invalidArgument } from "../../world/refusals/service-error.js";

/** Which page is asked for. */
interface PageRequest {
  /** At most how many; 0 for the default. Required. */
  readonly pageSize: number;
  /** The token from the previous page; empty for the first. Required. */
  readonly pageToken: string;
}

/** How a list is paged. */
interface Paging<Item> {
  /** What is listed, parent and filters included: a token of another list is refused. Required. */
  readonly list: string;
  /** The default page size. Required. */
  readonly defaultSize: number;
  /** The largest page size. Required. */
  readonly maxSize: number;
  /** What the items are sorted by; unique. Required. */
  readonly keyOf: (item: Item) => string;
}

/** A page. */
interface Page<Item> {
  /** Its items. Required. */
  readonly items: readonly Item[];
  /** The token for the next page; empty when there is none. Required. */
  readonly nextPageToken: string;
}

function readToken(token: string, list: string): string {
  if (token === "") return "";
  const [of, key, ...rest] = Buffer.from(token, "base64url").toString("utf8").split("\n");
  if (of !== list || key === undefined || key === "" || rest.length > 0) throw invalidArgument();
  return key;
}

/**
 * Cuts a page out of a list. Items added or removed in between move no other item to another page.
 *
 * @throws ServiceError INVALID_ARGUMENT when the size is negative or the token is not one of this list
 */
export function cutPage<Item>(items: Iterable<Item>, request: PageRequest, paging: Paging<Item>): Page<Item> {
  const { list, defaultSize, maxSize, keyOf } = paging;
  if (request.pageSize < 0) throw invalidArgument();
  const size = Math.min(request.pageSize === 0 ? defaultSize : request.pageSize, maxSize);
  const after = readToken(request.pageToken, list);
  const rest = [...items]
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const nextPageToken =
    rest.length > size && last !== undefined ? Buffer.from(`${list}\n${last.key}`, "utf8").toString("base64url") : "";
  return { items: page.map(({ item }) => item), nextPageToken };
}
