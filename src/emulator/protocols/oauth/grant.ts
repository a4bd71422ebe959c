// SPDX-License-Identifier: Apache-2.0
// What the OAuth endpoints have in common: a request is read and checked first, and whoever it is for is known then. What it gets
// is made after that.

import type { World } from "../../world/world.js";
import type { HttpAnswer, HttpRequest } from "../http/http-operation.js";
import type { CallNotes } from "../road/operation.js";
import type { Form } from "./form.js";

/** What the OAuth endpoints take of the world. */
export type OAuthWorld = Pick<World, "accounts" | "googleKeys" | "logins" | "now" | "settings" | "tokens" | "url">;

/** A request of an OAuth endpoint. */
export interface OAuthRequest {
  /** The request itself. Required. */
  readonly request: HttpRequest;
  /** Its parameters. Required. */
  readonly form: Form;
  /** Gets the principal that it is for. Required. */
  readonly notes: CallNotes;
}

/** Gives what a request has a right to. The first change to the world. */
export type Give = () => Promise<HttpAnswer> | HttpAnswer;

/**
 * Checks a request and notes whom it is for.
 *
 * @throws OAuthError when it is refused
 */
export type Grant = (world: OAuthWorld, request: OAuthRequest) => Promise<Give> | Give;
