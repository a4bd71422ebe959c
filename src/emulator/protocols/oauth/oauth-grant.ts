// SPDX-License-Identifier: Apache-2.0
// What the OAuth endpoints have in common: a request is read and checked first, which determines whom it is for. What it gets
// is made after that.

import type { World } from "../../world/world.js";
import type { IncomingRequest, OutgoingAnswer } from "../http/http-operation.js";
import type { CallNotes } from "../road/operation.js";
import type { Form } from "./oauth-form.js";

/** What the OAuth endpoints need from the world. */
export type OAuthWorld = Pick<World, "accounts" | "googleKeys" | "logins" | "now" | "settings" | "tokens" | "url">;

/** A request of an OAuth endpoint. */
export interface OAuthRequest {
  /** The request itself. Required. */
  readonly request: IncomingRequest;
  /** Its parameters. Required. */
  readonly form: Form;
  /** Where the principal is noted. Required. */
  readonly notes: CallNotes;
}

/** Grants what a request is entitled to. The first change to the world. */
export type Give = () => Promise<OutgoingAnswer> | OutgoingAnswer;

/**
 * Checks a request and notes the principal.
 *
 * @throws OAuthError when it is refused
 */
export type Grant = (world: OAuthWorld, request: OAuthRequest) => Promise<Give> | Give;
