// SPDX-License-Identifier: Apache-2.0
// What a page of the documentation does in a browser: its menu, the search, and the keyboard's way into what scrolls.

const root = document.body.dataset.root;

// Where the window is narrow the menu is closed, and where it is wide it can't be.
const narrow = matchMedia("(max-width: 50rem)");
const menu = document.getElementById("menu");
const setMenu = () => {
  menu.open = !narrow.matches;
};
narrow.addEventListener("change", setMenu);
setMenu();

const setFocusable = () => {
  for (const each of document.querySelectorAll("pre, .table")) {
    if (each.scrollWidth > each.clientWidth) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
  }
};
addEventListener("resize", setFocusable);
setFocusable();

// The sections that have all words, those with words in their title first.
function findSections(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const score = ({ title, on, text: body }) =>
    words.every((word) => `${title} ${on} ${body}`.toLowerCase().includes(word))
      ? 1 + words.filter((word) => title.toLowerCase().includes(word)).length
      : 0;
  const hits = globalThis.SEARCH_INDEX.map((entry) => [score(entry), entry]).filter(([points]) => points > 0);
  hits.sort(([one], [other]) => other - one);
  return hits.slice(0, 12).map(([, entry]) => entry);
}

const box = document.getElementById("search");
const found = document.getElementById("found");
box.addEventListener("input", () => {
  const items = findSections(box.value).map(({ page, anchor, title, on }) => {
    const link = document.createElement("a");
    link.href = `${root}/${page}#${anchor}`;
    link.textContent = title === on ? title : `${title} (${on})`;
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  if (items.length === 0 && box.value.trim() !== "") {
    const nothing = document.createElement("li");
    nothing.textContent = "Nothing found.";
    items.push(nothing);
  }
  found.replaceChildren(...items);
});
