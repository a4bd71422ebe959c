// SPDX-License-Identifier: Apache-2.0
// Makes elements and finds those of a template. All input is text: nothing here parses markup.

/** What an element may have in it. */
type Child = Node | string | number | undefined | false;
/** Attributes by name; a function under `onclick` and the like is a listener; false and undefined are left out. */
type Properties = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

function fill(element: Element, properties: Properties, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children)
    if (child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
}

/** Makes an element of HTML. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  fill(element, properties, children);
  return element;
}

/** Makes an element of SVG. */
export function draw<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, properties, children);
  return element;
}

/** A button that does something. */
export function button(text: string, run: () => void, properties: Properties = {}): HTMLButtonElement {
  return make("button", { type: "button", ...properties, onclick: run }, text);
}

/** A fresh copy of a template's content. */
export function cloneTemplate(id: string): DocumentFragment {
  const template = document.getElementById(id);
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`no template ${id}`);
  return document.importNode(template.content, true);
}

/** The element of that class with that `data-part`. */
export function part<Kind extends Element>(root: ParentNode, kind: new () => Kind, name: string): Kind {
  const found = root.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof kind)) throw new Error(`no part ${name}`);
  return found;
}

/** Whether a toggle button is pressed. */
export function isPressed(toggle: HTMLButtonElement): boolean {
  return toggle.getAttribute("aria-pressed") === "true";
}

/** Sets whether a toggle button is pressed. */
export function setPressed(toggle: HTMLButtonElement, isDown: boolean): void {
  toggle.setAttribute("aria-pressed", String(isDown));
}
