// SPDX-License-Identifier: Apache-2.0
// Draws a chain from the top down: who calls, through whom, on what; and on each edge the permission, how it ended and the binding
// that gave it. Color repeats what words and line styles say.

import type { Hop } from "../link/records.js";
import { draw, make } from "../page/element.js";
import { shortName } from "../page/texts.js";
import { describeBinding, describeChain, describeCondition, outcomeTexts } from "./hop-words.js";

const WIDTH = 460;
const NODE = 44;
const EDGE = 84;
const LINE_X = 26;
const TEXT_X = 50;
/** What happens when an edge is clicked. */
export interface EdgeAction {
  /** What it is called, for example `Grant`. Required. */
  readonly label: string;
  /** Does it. Required. */
  readonly run: () => void;
}

function line(y: number, text: string, style: string, x = TEXT_X): SVGTextElement {
  const room = Math.floor((WIDTH - x - 8) / (style.includes("mono") ? 7.25 : 6.7));
  const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
  return draw("text", { x, y, class: style }, ...(shown === text ? [text] : [draw("title", {}, text), shown]));
}

function node(y: number, name: string, role: string): SVGGElement {
  return draw(
    "g",
    { class: "node" },
    draw("rect", { x: 1, y: y + 1, width: WIDTH - 2, height: NODE - 2, rx: 6 }),
    draw("circle", { cx: LINE_X, cy: y + NODE / 2, r: 5 }),
    line(y + 18, role, "role"),
    line(y + 34, shortName(name), "name"),
  );
}

// Covers the whole edge, so that a click anywhere on it works like one on the word.
function actionOver(y: number, hop: Hop, { label, run }: EdgeAction): SVGGElement {
  const onkeydown = (event: Event) => {
    if (!(event instanceof KeyboardEvent) || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    run();
  };
  const name = `${label}: ${shortName(hop.from)} on ${shortName(hop.to)}, ${hop.permission}`;
  return draw(
    "g",
    { class: "act", role: "button", tabindex: 0, "aria-label": name, onclick: run, onkeydown },
    draw("rect", { class: "hit", x: 8, y: y + 3, width: WIDTH - 16, height: EDGE - 6, rx: 4 }),
    line(y + 40, label, "action", WIDTH - 78),
  );
}

function edge(y: number, hop: Hop, action: EdgeAction | undefined): SVGGElement {
  const condition = describeCondition(hop);
  return draw(
    "g",
    { class: `edge ${hop.outcome}` },
    draw("path", { d: `M${LINE_X} ${y + 2}V${y + EDGE - 3}m-5 -7l5 7l5 -7` }),
    line(y + 22, hop.permission.replace(/^iam\.serviceAccounts\./, ""), "permission mono"),
    line(y + 40, outcomeTexts[hop.outcome], "outcome"),
    line(y + 57, describeBinding(hop), "binding"),
    condition !== undefined && line(y + 73, condition, "binding mono"),
    action !== undefined && actionOver(y, hop, action),
  );
}

function roleOf(name: string, caller: string, isLast: boolean): string {
  if (name === caller) return "caller";
  if (!name.includes("@")) return "project";
  return isLast ? "service account" : "delegate";
}

// A hop begins with a member, and the hop before it ends with an e-mail.
const prefixOf = (member: string): string => /^\w+:/.exec(member)?.[0] ?? "";

/**
 * Draws a chain.
 *
 * @param actionOf what happens when an edge is clicked. Default: nothing
 */
export function drawChain(hops: readonly Hop[], actionOf?: (hop: Hop) => EdgeAction | undefined): Element {
  const [first] = hops;
  if (first === undefined) return make("p", { class: "quiet" }, "No permission was checked.");
  const parts: Element[] = [];
  let y = 0;
  const addNode = (name: string, isLast: boolean) => {
    parts.push(node(y, name, roleOf(name, first.from, isLast)));
    y += NODE;
  };
  hops.forEach((hop, index) => {
    if (hop.from !== hops[index - 1]?.to.replace(/^(?=[^:]*@)/, prefixOf(hop.from))) addNode(hop.from, false);
    parts.push(edge(y, hop, actionOf?.(hop)));
    y += EDGE;
    addNode(hop.to, index === hops.length - 1);
  });
  const role = actionOf === undefined ? "img" : "group";
  const label = `Chain. ${describeChain(hops)}`;
  return draw("svg", { class: "chain", viewBox: `0 0 ${WIDTH} ${y}`, role, "aria-label": label }, ...parts);
}
