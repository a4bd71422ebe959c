// SPDX-License-Identifier: Apache-2.0
// Reads the parameter `fields` and cuts a response down to it. Knows responses by their tables alone.

import type { MessageType } from "../../../messages/tables.js";
import { fieldsOf, messageIn } from "../../world/proto-json/message-fields.js";
import { ServiceError } from "../../world/refusals/service-error.js";

/** A selection: for each field, what is selected below it; `undefined` for all of it. */
type Selection = ReadonlyMap<string, Selection | undefined>;
type Draft = Map<string, Draft | undefined>;

function refuse(path: string): ServiceError {
  const description = `Error expanding 'fields' parameter. Cannot find matching fields for path '${path}'.`;
  return new ServiceError("INVALID_ARGUMENT", "Request contains an invalid argument.", undefined, {
    violations: [{ field: path, description }],
  });
}

function tokenize(text: string): string[] {
  const tokens = text.match(/[A-Za-z0-9_]+|[*,/().]/g) ?? [];
  if (tokens.join("") !== text) throw refuse(text);
  return tokens;
}

class SelectionParser {
  readonly #tokens: string[];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  parse(): Draft {
    const list = this.#parseList();
    if (this.#tokens.length > 0) throw refuse(this.#text);
    return list;
  }

  #parseList(): Draft {
    const list: Draft = new Map();
    do {
      const [name, below] = this.#parsePath();
      list.set(name, list.has(name) && below !== undefined ? mergeDrafts(list.get(name), below) : below);
    } while (this.#take(","));
    return list;
  }

  #parsePath(): [string, Draft | undefined] {
    const name = this.#tokens.shift();
    if (name === undefined || !/^(\w+|\*)$/.test(name)) throw refuse(this.#text);
    if (this.#take("/") || this.#take(".")) return [name, new Map([this.#parsePath()])];
    if (!this.#take("(")) return [name, undefined];
    const below = this.#parseList();
    if (!this.#take(")")) throw refuse(this.#text);
    return [name, below];
  }

  #take(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }
}

// A field selected as a whole stays whole.
function mergeDrafts(first: Draft | undefined, second: Draft): Draft | undefined {
  if (first === undefined) return undefined;
  return new Map([...first, ...second]);
}

function resolve(message: MessageType, draft: Draft, above: string): Selection {
  const selection = new Map<string, Selection | undefined>();
  for (const [name, below] of draft) {
    const path = above === "" ? name : `${above}.${name}`;
    const fields = fieldsOf(message).filter((field) => name === "*" || field.jsonName === name || field.name === name);
    if (fields.length === 0) throw refuse(path);
    for (const field of fields) {
      const inner = messageIn(field.type);
      if (below !== undefined && inner === undefined && name !== "*") throw refuse(path);
      selection.set(
        field.jsonName,
        below === undefined || inner === undefined ? undefined : resolve(inner, below, path),
      );
    }
  }
  return selection;
}

/**
 * Reads `accounts(name,email),nextPageToken`, `accounts/name` or `*`.
 *
 * @param type the response that it is for
 * @throws ServiceError INVALID_ARGUMENT when it is malformed or names an unknown field
 */
export function parseFieldSelection(type: MessageType, text: string): Selection {
  return resolve(type, new SelectionParser(text).parse(), "");
}

/** Cuts a response, already JSON, down to a selection. */
export function selectFields(json: unknown, selection: Selection): unknown {
  if (Array.isArray(json)) return json.map((item) => selectFields(item, selection));
  if (typeof json !== "object" || json === null) return json;
  const selected: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) {
    if (!selection.has(name)) continue;
    const below = selection.get(name);
    selected[name] = below === undefined ? value : selectFields(value, below);
  }
  return selected;
}
