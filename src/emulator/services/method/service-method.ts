// SPDX-License-Identifier: Apache-2.0
// What a method of a service is, the same for every service and every protocol. Runs none.

import type { Authority } from "../../world/policy/permissions.js";
import type { World } from "../../world/world.js";

/** What the methods of the services may read and change. */
export type ServiceWorld = Pick<
  World,
  | "accounts"
  | "googleKeys"
  | "now"
  | "peers"
  | "policies"
  | "projects"
  | "roles"
  | "services"
  | "settings"
  | "tokens"
  | "url"
> &
  Pick<Authority, "letsPass" | "observe">;

/** What the log says of a request. */
export interface RequestTarget {
  /** The resource name of the account that is acted on; undefined when the request names none. */
  readonly name: string | undefined;
  /** The resource names of the hops between caller and account. */
  readonly delegates: readonly string[];
}

/** A method of a service: one row, the same for every protocol. */
export interface ServiceMethod<Request, Response> {
  /** The name in the proto. */
  readonly name: string;
  /** Tells the log which account a request acts on. */
  target(request: Request): RequestTarget;
  /**
   * Answers a request.
   *
   * @param principal who calls
   * @throws ServiceError when the request is malformed, the account unknown or the caller not permitted
   */
  run(world: ServiceWorld, principal: string, request: Request): Promise<Response>;
}
