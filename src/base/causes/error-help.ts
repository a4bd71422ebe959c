// SPDX-License-Identifier: Apache-2.0
// Where to find help for an error: the cause it points to, and the page about it. Loads no text and no command.

import { type CauseId, classifyError } from "./classify.js";
import { readErrorFacts } from "./error-facts.js";

/** Where to find help. */
export interface ErrorHelp {
  /** The cause that the error points to, or that fits it best. */
  readonly cause: CauseId;
  /** The section about it, in this package: `iam-credentials-client/docs/troubleshooting.md#{cause}`. */
  readonly page: string;
}

/** The page of all causes, by its path in the package. */
const PAGE = "iam-credentials-client/docs/troubleshooting.md";

/** The help for an error; `undefined`: nothing is known about it. */
export function findHelp(error: object): ErrorHelp | undefined {
  for (const facts of readErrorFacts(error)) {
    const found = classifyError(facts);
    if (found !== undefined) return Object.freeze({ cause: found.cause, page: `${PAGE}#${found.cause}` });
  }
  return undefined;
}
