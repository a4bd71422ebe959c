// SPDX-License-Identifier: Apache-2.0
// The part of a long table that can be seen: rows of one height, of which only those in view are elements. Stays at the end while it
// follows. Does not know what a row shows.

import { updateKeyedList } from "../page/keyed-list.js";

const ROW = 26;
const MARGIN = 8;

/** What a window is made of. */
interface CallWindowParts<Item> {
  /** The element that scrolls, with the table in it. Required. */
  readonly scroller: HTMLElement;
  /** The table's body. Required. */
  readonly body: HTMLElement;
  /** Makes the row of an item. Required. */
  readonly create: (item: Item) => HTMLTableRowElement;
  /** Called when it starts or stops following: on request, or when the reader scrolls to the end or away from it. Required. */
  readonly onFollow: (isFollowing: boolean) => void;
}

/** The part of a long table that can be seen. */
export class CallWindow<Item extends { readonly id: number }> {
  readonly #parts: CallWindowParts<Item>;
  #items: readonly Item[] = [];
  #isFollowing = true;
  #isDue = false;
  #expected = -1;

  /** @param parts what it is made of */
  constructor(parts: CallWindowParts<Item>) {
    this.#parts = parts;
    parts.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.update()).observe(parts.scroller);
  }

  /** Shows other items, or the same with more appended. */
  show(items: readonly Item[]): void {
    this.#items = items;
    this.update();
  }

  /** Sets whether it stays at the end. */
  follow(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    this.#parts.onFollow(isFollowing);
    this.update();
  }

  /** Brings an item into view. */
  reveal(index: number): void {
    const { scroller } = this.#parts;
    const room = scroller.clientHeight - 2 * ROW;
    const top = index * ROW;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
    this.#render();
  }

  /** Renders before the next frame. */
  update(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#render();
    });
  }

  #scrolled(): void {
    const { scroller } = this.#parts;
    const isOwn = Math.abs(scroller.scrollTop - this.#expected) < 2;
    if (!isOwn) {
      const isAtEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - ROW;
      if (isAtEnd !== this.#isFollowing) this.follow(isAtEnd);
    }
    this.update();
  }

  #render(): void {
    const { scroller, body, create } = this.#parts;
    const { length } = this.#items;
    const seen = Math.ceil(scroller.clientHeight / ROW);
    const from = this.#isFollowing ? length - seen - MARGIN : Math.floor(scroller.scrollTop / ROW) - MARGIN;
    const first = Math.max(0, Math.min(from, length - seen - 2 * MARGIN));
    const last = Math.min(length, first + seen + 3 * MARGIN);
    updateKeyedList(body, this.#items.slice(first, last), { keyOf: ({ id }) => id, create });
    // Space above and below stands in for the rows that are not elements.
    const table = body.parentElement;
    if (table === null || table.parentElement === null) return;
    table.parentElement.style.paddingBlock = `${first * ROW}px ${(length - last) * ROW}px`;
    table.setAttribute("aria-rowcount", String(length + 1));
    if (!this.#isFollowing) return;
    scroller.scrollTop = scroller.scrollHeight;
    this.#expected = scroller.scrollTop;
  }
}
