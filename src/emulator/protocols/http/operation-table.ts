// SPDX-License-Identifier: Apache-2.0
// Finds the operations of a request in a table of method, path and operation. Runs none of them.

import { type HttpOperation, identifyNobody } from "./http-operation.js";
import { methodNotAllowedPage } from "./page.js";
import { type PathTemplate, parsePathTemplate } from "./path-template.js";
import type { OperationMatch } from "./serve-operation.js";

/**
 * A row: the methods, separated by bars, the template of a path (google/api/http.proto), and the operation.
 */
export type OperationRow = readonly [methods: string, path: string, operation: HttpOperation];

interface ParsedRow {
  readonly methods: readonly string[];
  readonly path: PathTemplate;
  readonly operation: HttpOperation;
  /** What paths begin and end with; undefined: paths of several kinds match. */
  readonly kind: string | undefined;
}

// The first segment of a path and the verb after its last colon, which are literals in most templates.
function kindOf(path: string): string {
  const [, first = "", verb = ""] = /^(\/[^/]*).*?(:[^/:]*)?$/s.exec(path) ?? [];
  return `${first} ${verb}`;
}

function hasOneKind(template: string): boolean {
  return !template.startsWith("/{") && !template.includes("**");
}

// The path has the operation only under other methods. It still counts as a call of that operation.
function refuseMethod(operation: HttpOperation): HttpOperation {
  return {
    ...operation,
    identify: identifyNobody,
    async run({ method }, _caller, notes) {
      notes.status = "UNIMPLEMENTED";
      return methodNotAllowedPage(method);
    },
  };
}

/** The operations of a table. */
export class OperationTable {
  /** The rows that paths of a kind can match, in their order. */
  readonly #rowsOfKind = new Map<string | undefined, readonly ParsedRow[]>();

  /** @param rows the rows; earlier ones take precedence */
  constructor(rows: readonly OperationRow[]) {
    const parsed = rows.map(([methods, path, operation]): ParsedRow => {
      const kind = hasOneKind(path) ? kindOf(path) : undefined;
      return { methods: methods.split("|"), path: parsePathTemplate(path), operation, kind };
    });
    for (const kind of [undefined, ...parsed.map((row) => row.kind)]) {
      this.#rowsOfKind.set(
        kind,
        parsed.filter((row) => row.kind === undefined || row.kind === kind),
      );
    }
  }

  /**
   * The operations that a request could be for; none when its path is unknown. A method that a path does not have is refused by
   * the path's operation, except over REST, where Google matches method and path only together.
   *
   * @param path as it came, without the query
   */
  find(method: string, path: string): readonly OperationMatch[] {
    const rows = this.#rowsOfKind.get(kindOf(path)) ?? this.#rowsOfKind.get(undefined) ?? [];
    const atPath = rows.flatMap(({ methods, path: template, operation }) => {
      const variables = template.match(path);
      return variables === undefined ? [] : [{ methods, operation, variables }];
    });
    const found = atPath.filter(({ methods }) => methods.includes(method));
    const [other] = atPath.filter(({ operation }) => operation.transport !== "rest");
    if (found.length > 0 || other === undefined) return found;
    return [{ operation: refuseMethod(other.operation), variables: other.variables }];
  }
}
