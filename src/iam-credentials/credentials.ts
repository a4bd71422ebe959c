// SPDX-License-Identifier: Apache-2.0
// Which credentials a client of this service would take. Asks for no token.

import type { ClientOptions } from "../client/client-options.js";
import {
  type CredentialsExplanation,
  type ExplainCredentialsOptions,
  explainChoice,
} from "../client/explain-credentials.js";
import { IAM_CREDENTIALS } from "./methods.js";

/**
 * Which credentials a client with these options would take: every place where it looks, what is there, the type, and the account that
 * it names. Asks for no token, and sends nothing unless `probe` is set; holds no secret.
 *
 * @throws ConfigurationError when an option is of the wrong kind; the reason of the signal
 *
 * @example
 * const { taken, because } = await explainCredentials();
 * console.log(taken?.type, taken?.account, because);
 */
export function explainCredentials(
  options: ClientOptions = {},
  asked: ExplainCredentialsOptions = {},
): Promise<CredentialsExplanation> {
  return explainChoice(IAM_CREDENTIALS, options, asked);
}
