// SPDX-License-Identifier: Apache-2.0
// Decides whether the condition of a binding holds, in Common Expression Language. Knows no roles or members. The language
// is @bufbuild/cel's, an optional package that is loaded with the first condition.

import type * as Cel from "@bufbuild/cel";
import type * as WellKnown from "@bufbuild/protobuf/wkt";
import type { Peers } from "../runtime/optional-peer.js";

/** What a condition is evaluated against. */
export interface ConditionContext {
  /** When, in milliseconds since the epoch. Required. */
  readonly at: number;
  /** `resource.name`: `projects/{project}/serviceAccounts/{unique id}` or `projects/{project}`. Required. */
  readonly resourceName: string;
  /** `resource.type`: for example `iam.googleapis.com/ServiceAccount`. Required. */
  readonly resourceType: string;
  /** `resource.service`: for example `iam.googleapis.com`. Required. */
  readonly resourceService: string;
}

/** The text of a condition. Source: google/type/expr.proto. */
export interface ConditionText {
  /** The expression. Required. */
  readonly expression: string;
  /** A human-readable name. Required, may be empty. */
  readonly title: string;
  /** A human-readable description. Required, may be empty. */
  readonly description: string;
  /** Where it was written. Required, may be empty. */
  readonly location: string;
}

/** A condition that can be evaluated. */
export interface Condition {
  /** Its text, as it was given. Required. */
  readonly text: ConditionText;
  /** Whether it holds. One that can't be evaluated does not. */
  holds(context: ConditionContext): boolean;
}

/** A malformed condition. */
export class ConditionError extends Error {
  override readonly name = "ConditionError";

  /**
   * @param message what is wrong with it
   * @param offset the position of the mistake in the expression, from 0. Default: 0
   */
  constructor(
    message: string,
    readonly offset: number = 0,
  ) {
    super(message);
  }
}

type Evaluate = (context: ConditionContext) => ReturnType<typeof Cel.run>;

/**
 * What IAM's function `extract` returns: the text in the place of the braces of `/prefix/{name}/suffix`, or nothing.
 * Source: the reference of attributes for IAM Conditions.
 */
export function extractFrom(text: string, template: string): string {
  const [, prefix = "", suffix = ""] = /^([^{]*)\{[^}]*\}(.*)$/s.exec(template) ?? [];
  const at = text.indexOf(prefix);
  if (at < 0 || !template.includes("{")) return "";
  const start = at + prefix.length;
  const end = suffix === "" ? text.length : text.indexOf(suffix, start);
  return end < 0 ? "" : text.slice(start, end);
}

function planExpression(peers: Peers, expression: string): Evaluate {
  const { CelScalar, celEnv, celMethod, mapType, parse, plan } = peers.load("@bufbuild/cel") as typeof Cel; // its own types
  const { timestampFromMs } = peers.load("@bufbuild/protobuf/wkt") as typeof WellKnown; // its own types
  const attributes = mapType(CelScalar.STRING, CelScalar.DYN);
  const funcs = [
    celMethod("extract", CelScalar.STRING, [CelScalar.STRING], CelScalar.STRING, function (template) {
      return extractFrom(this, template);
    }),
    // No API attribute is known here: each has the default that the expression gives it.
    celMethod(
      "getAttribute",
      attributes,
      [CelScalar.STRING, CelScalar.DYN],
      CelScalar.DYN,
      (_name, byDefault) => byDefault,
    ),
  ];
  const env = celEnv({ variables: { request: attributes, resource: attributes, api: attributes }, funcs });
  const parsed = parse(expression);
  if (hasComprehension(parsed.expr)) {
    throw new ConditionError("IAM Conditions do not support macros over lists: all, exists, exists_one, map, filter");
  }
  const evaluate = plan(env, parsed);
  return ({ at, resourceName, resourceType, resourceService }) =>
    evaluate({
      request: { time: timestampFromMs(at) },
      resource: { name: resourceName, type: resourceType, service: resourceService },
      api: {},
    });
}

const trial: ConditionContext = {
  at: 0,
  resourceName: "projects/p/serviceAccounts/1",
  resourceType: "iam.googleapis.com/ServiceAccount",
  resourceService: "iam.googleapis.com",
};

function locate(error: unknown): ConditionError {
  if (error instanceof ConditionError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const { location } = error as { location?: { start?: { offset?: unknown } } }; // what its parser adds
  const offset = location?.start?.offset;
  return new ConditionError(message, typeof offset === "number" ? offset : 0);
}

const MAX_OPERATORS = 12; // Google's page of quotas

// IAM's limit is not published. The templates of Google's console have a few hundred bytes, and the parser's time
// grows quadratically.
const MAX_BYTES = 2048;
const MAX_DEPTH = 32; // of brackets

// Strips the string literals, in every form that CEL has: in raw ones a backslash is just a backslash.
function withoutTexts(expression: string): string {
  const raw = /[bB]?[rR][bB]?(?:"""(?:.|\n)*?"""|'''(?:.|\n)*?'''|"[^"\n]*"|'[^'\n]*')/.source;
  const other = /[bB]?(?:"""(?:.|\n)*?"""|'''(?:.|\n)*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/.source;
  return expression.replace(new RegExp(`${raw}|${other}`, "g"), '""');
}

function depthOf(bare: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of bare) {
    if ("([{".includes(character)) deepest = Math.max(deepest, ++depth);
    else if (")]}".includes(character)) depth--;
  }
  return deepest;
}

// Refuses what would cost too much to parse.
function checkCost(expression: string): void {
  if (Buffer.byteLength(expression) > MAX_BYTES) {
    throw new ConditionError(`the expression must have at most ${MAX_BYTES} bytes`);
  }
  const bare = withoutTexts(expression);
  if (depthOf(bare) > MAX_DEPTH)
    throw new ConditionError(`the expression must be nested at most ${MAX_DEPTH} levels deep`);
  const operators = bare.match(/&&|\|\||!(?!=)/g)?.length ?? 0;
  if (operators > MAX_OPERATORS) {
    throw new ConditionError(`the expression must have at most ${MAX_OPERATORS} logical operators`);
  }
}

// IAM Conditions lack the macros over lists, a few of which, nested, take forever (the reference of attributes for IAM
// Conditions). In the parsed tree they are comprehensions.
function hasComprehension(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  if ("case" in node && node.case === "comprehensionExpr") return true;
  return Object.values(node).some(hasComprehension);
}

/**
 * Compiles a condition. It is evaluated once, so that one with an unknown attribute, or without a boolean result, is
 * refused when it is written.
 *
 * @throws ConditionError when it is malformed; MissingPeerError when `@bufbuild/cel` is not installed
 */
export function compileCondition(peers: Peers, text: ConditionText): Condition {
  peers.load("@bufbuild/cel");
  checkCost(text.expression);
  let evaluate: Evaluate;
  let result: ReturnType<Evaluate>;
  try {
    evaluate = planExpression(peers, text.expression);
    result = evaluate(trial);
  } catch (error) {
    throw locate(error);
  }
  if (result instanceof Error) throw locate(result);
  if (typeof result !== "boolean") throw new ConditionError("the expression must evaluate to a bool");
  return { text: Object.freeze({ ...text }), holds: (context) => evaluate(context) === true };
}
