// SPDX-License-Identifier: Apache-2.0
// Keeps the children of an element in step with a list: an item with the same key keeps its element, and so focus and selection. Does
// not know what an element shows.

const keys = new WeakMap<Element, string>();

/** How items become elements. */
interface KeyedList<Item> {
  /** What tells one item from another. Required. */
  readonly keyOf: (item: Item) => string | number;
  /** Makes the element of an item. Required. */
  readonly create: (item: Item) => Element;
}

/** Makes the children of `parent` match the items, in order. A key that includes state makes a new element when that changes. */
export function updateKeyedList<Item>(
  parent: Element,
  items: readonly Item[],
  { keyOf, create }: KeyedList<Item>,
): void {
  const present = new Map<string, Element>();
  for (const child of parent.children) present.set(keys.get(child) ?? "", child);
  const wanted = items.map((item) => {
    const key = String(keyOf(item));
    const kept = present.get(key);
    if (kept !== undefined) {
      present.delete(key);
      return kept;
    }
    const element = create(item);
    keys.set(element, key);
    return element;
  });
  for (const stale of present.values()) stale.remove();
  let next = parent.firstElementChild;
  for (const element of wanted) {
    if (element === next) next = next.nextElementSibling;
    else parent.insertBefore(element, next);
  }
}
