// SPDX-License-Identifier: Apache-2.0
// Where help for an error is found: the cause that it shows, and the page that tells of it. Loads no text and no command.

import { type CauseId, classifyError } from "./classify.js";
import { readErrorFacts } from "./error-facts.js";

/** Where help is found. */
export interface ErrorHelp {
  /** The cause that the error shows, or that fits it best. */
  readonly cause: CauseId;
  /** The section about it, in this package: `iam-credentials-client/docs/troubleshooting.md#{cause}`. */
  readonly page: string;
}

/** The page of all causes, as it lies in the package. */
const PAGE = "iam-credentials-client/docs/troubleshooting.md";

/** The help for an error; `undefined`: nothing is known of it. */
export function findHelp(error: object): ErrorHelp | undefined {
  for (const facts of readErrorFacts(error)) {
    const found = classifyError(facts);
    if (found !== undefined) return Object.freeze({ cause: found.cause, page: `${PAGE}#${found.cause}` });
  }
  return undefined;
}
