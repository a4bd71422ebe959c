// SPDX-License-Identifier: Apache-2.0
// The kinds of option values: text, numbers, lists, objects. Each says in one place whether a value is right, what would be, and how
// JSON Schema expresses it. Knows no particular option.

import {
  type Check,
  type Declaration,
  type Fields,
  type GivenOf,
  type JsonSchema,
  type Refuse,
  type SettledOf,
  settle,
} from "./declaration.js";

/** A check by a predicate. @param expected what would be right: `an e-mail address` */
export function value<Value>(
  isRight: (value: unknown) => boolean,
  expected: string,
  schema?: JsonSchema,
): Check<Value, Value> {
  return {
    read(given, path, refuse) {
      if (isRight(given)) return given as Value; // as: what isRight says
      throw refuse({ path, text: `must be ${expected}`, given });
    },
    schema: () => schema,
  };
}

/** What a text must look like. */
interface TextRules {
  readonly pattern: RegExp;
  /** What would be right. */
  readonly expected: string;
  /** Default: any number of characters. */
  readonly maxLength?: number;
  /** Whether errors must never repeat it. Default: false. */
  readonly isSecret?: boolean;
}

/** Text that matches a pattern. */
export function text({ pattern, expected, maxLength, isSecret = false }: TextRules): Check<string> {
  const isRight = (given: unknown): boolean =>
    typeof given === "string" && given.length <= (maxLength ?? Number.POSITIVE_INFINITY) && pattern.test(given);
  const schema = { type: "string", ...(maxLength === undefined ? {} : { maxLength }), pattern: pattern.source };
  const shown = value<string>(isRight, expected, schema);
  if (!isSecret) return shown;
  return { ...shown, read: (given, path, refuse) => shown.read(given, path, (problem) => refuse(hideGiven(problem))) };
}

function hideGiven({ path, text: problem }: Parameters<Refuse>[0]): Parameters<Refuse>[0] {
  return { path, text: problem };
}

/** Any text. */
export const anyText: Check<string> = value((given) => typeof given === "string", "a string", { type: "string" });

/** `true` or `false`. */
export const flag: Check<boolean> = value((given) => typeof given === "boolean", "a boolean", { type: "boolean" });

/** An integer between bounds, both included. */
export function integer(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): Check<number> {
  const isRight = (given: unknown): boolean =>
    typeof given === "number" && Number.isInteger(given) && given >= minimum && given <= maximum;
  const isOpen = maximum === Number.MAX_SAFE_INTEGER;
  const expected = isOpen ? `an integer of at least ${minimum}` : `an integer from ${minimum} to ${maximum}`;
  return value(isRight, expected, { type: "integer", minimum, ...(isOpen ? {} : { maximum }) });
}

/** One of several words. @param renamed words of earlier versions, and their current names */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  renamed: Readonly<Record<string, Word>> = {},
): Check<Word> {
  const expected = `one of ${words.join(", ")}`;
  return {
    read(given, path, refuse) {
      const found = words.find((word) => word === given);
      if (found !== undefined) return found;
      const now = typeof given === "string" && Object.hasOwn(renamed, given) ? renamed[given] : undefined;
      if (now !== undefined) throw refuse({ path, text: `has been renamed to ${JSON.stringify(now)}`, given });
      throw refuse({ path, text: `must be ${expected}`, given });
    },
    schema: () => ({ enum: words }),
  };
}

/** A list. */
export function listOf<Given, Settled>(
  item: Check<Given, Settled>,
  { min = 0, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number } = {},
): Check<readonly Given[], readonly Settled[]> {
  return {
    read(given, path, refuse) {
      if (!Array.isArray(given)) throw refuse({ path, text: "must be an array" });
      if (given.length < min)
        throw refuse({ path, text: `must have at least ${min === 1 ? "one item" : `${min} items`}` });
      if (given.length > max) throw refuse({ path, text: `must have at most ${max} items` });
      return given.map((each, index) => item.read(each, `${path}[${index}]`, refuse));
    },
    schema(define) {
      const items = item.schema(define);
      return {
        type: "array",
        ...(min === 0 ? {} : { minItems: min }),
        ...(max === Number.POSITIVE_INFINITY ? {} : { maxItems: max }),
        ...(items === undefined ? {} : { items }),
      };
    },
  };
}

/** An object with declared fields. */
export function object<Declared extends Fields>(
  declaration: Declaration<Declared>,
): Check<GivenOf<Declared>, SettledOf<Declared>> {
  return {
    read: (given, path, refuse) => settle(declaration, given, { path, refuse }),
    schema: (define) => define(declaration),
  };
}

/** An object whose keys match a pattern, and whose values pass a check. */
export function mapOf<Given, Settled>(
  key: RegExp,
  item: Check<Given, Settled>,
): Check<Readonly<Record<string, Given>>, Readonly<Record<string, Settled>>> {
  return {
    read(given, path, refuse) {
      if (typeof given !== "object" || given === null || Array.isArray(given)) {
        throw refuse({ path, text: "must be an object" });
      }
      return Object.fromEntries(
        Object.entries(given).map(([name, each]) => {
          if (!key.test(name)) throw refuse({ path, text: `must have keys that match ${key.source}`, given: name });
          return [name, item.read(each, `${path}.${name}`, refuse)];
        }),
      );
    },
    schema: (define) => ({
      type: "object",
      propertyNames: { pattern: key.source },
      additionalProperties: item.schema(define) ?? true,
    }),
  };
}

/** A boolean, or an object with more settings. */
export function flagOr<Given, Settled>(rest: Check<Given, Settled>): Check<boolean | Given, boolean | Settled> {
  return {
    read(given, path, refuse) {
      if (typeof given === "boolean") return given;
      if (typeof given !== "object" || given === null) throw refuse({ path, text: "must be a boolean or an object" });
      return rest.read(given, path, refuse);
    },
    schema: (define) => ({ anyOf: [{ type: "boolean" }, rest.schema(define) ?? {}] }),
  };
}
