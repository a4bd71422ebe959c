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
  readonly #rows: readonly ParsedRow[];

  /** @param rows the rows; earlier ones take precedence */
  constructor(rows: readonly OperationRow[]) {
    this.#rows = rows.map(([methods, path, operation]) => {
      return { methods: methods.split("|"), path: parsePathTemplate(path), operation };
    });
  }

  /**
   * The operations that a request could be for; none when its path is unknown. A method that a path does not have is refused by
   * the path's operation, except over REST, where Google matches method and path only together.
   *
   * @param path as it came, without the query
   */
  find(method: string, path: string): readonly OperationMatch[] {
    const atPath = this.#rows.flatMap(({ methods, path: template, operation }) => {
      const variables = template.match(path);
      return variables === undefined ? [] : [{ methods, operation, variables }];
    });
    const found = atPath.filter(({ methods }) => methods.includes(method));
    const [other] = atPath.filter(({ operation }) => operation.transport !== "rest");
    if (found.length > 0 || other === undefined) return found;
    return [{ operation: refuseMethod(other.operation), variables: other.variables }];
  }
}
