// SPDX-License-Identifier: Apache-2.0
// Whether the condition of a binding holds now, by @bufbuild/cel where that is installed. Knows no policy.

import { createRequire } from "node:module";
import type * as Cel from "@bufbuild/cel";
import type * as WellKnown from "@bufbuild/protobuf/wkt";
import { runtimeRequire } from "../../base/load-door.js";

/** What a condition is evaluated for. */
interface ConditionContext {
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  /** `resource.name`, as IAM has it: `projects/{project}/serviceAccounts/{unique id}`. */
  readonly resourceName: string;
}

/** Whether an expression holds; `undefined`: that cannot be found out here. */
export function evaluateCondition(expression: string, { at, resourceName }: ConditionContext): boolean | undefined {
  try {
    const load = runtimeRequire(process.argv[1]);
    if (load === undefined) return undefined;
    const name = "@bufbuild/cel"; // an optional peer dependency, which may be missing
    const { CelScalar, celEnv, mapType, parse, plan } = load(name) as typeof Cel; // as: what the package is
    // as: what CEL's own copy of @bufbuild/protobuf is
    const { timestampFromMs } = createRequire(load.resolve(name))("@bufbuild/protobuf/wkt") as typeof WellKnown;
    const attributes = mapType(CelScalar.STRING, CelScalar.DYN);
    const env = celEnv({ variables: { request: attributes, resource: attributes } });
    const resource = {
      name: resourceName,
      type: "iam.googleapis.com/ServiceAccount",
      service: "iam.googleapis.com",
    };
    const result = plan(env, parse(expression))({ request: { time: timestampFromMs(at) }, resource });
    return typeof result === "boolean" ? result : undefined;
  } catch {
    return undefined;
  }
}
