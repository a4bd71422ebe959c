// SPDX-License-Identifier: Apache-2.0
// An options object declared once: each field with its check and its default. The types, the errors and the JSON schema follow from the
// declaration. Knows no particular option and no error class.

/** JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What is wrong with a value. */
export interface Problem {
  /** Where: `grants[0].member`; empty: the whole value. */
  readonly path: string;
  /** What: `must be an e-mail address`. */
  readonly text: string;
  /** The value, if it may be shown. */
  readonly given?: unknown;
}

/** Makes the error for a problem. */
export type Refuse = (problem: Problem) => Error;

declare const GIVEN: unique symbol;

/** What a value must be. */
export interface Check<Given, Settled = Given> {
  /** For the compiler only. */
  readonly [GIVEN]?: Given;
  /** Reads the value. @throws what `refuse` makes */
  read(value: unknown, path: string, refuse: Refuse): Settled;
  /** Builds its JSON schema; `undefined`: JSON cannot express it. */
  schema(define: DefineSchema): JsonSchema | undefined;
}

/** Builds the schema for a reference to a declaration. */
type DefineSchema = (declaration: Declaration) => JsonSchema;

/** A field of an options object. */
export interface Field<Given, Settled, Need extends "required" | "optional"> {
  readonly check: Check<Given, Settled>;
  readonly need: Need;
  /** Its value when it is not given. */
  readonly fallback: Settled;
}

/** The fields of an options object, by name. */
export type Fields = Readonly<Record<string, Field<unknown, unknown, "required" | "optional">>>;

/** The type of what may be given. */
export type GivenOf<Declared extends Fields> = [RequiredNames<Declared>] extends [never]
  ? OptionalPart<Declared>
  : RequiredPart<Declared> & OptionalPart<Declared>;

type RequiredNames<Declared extends Fields> = {
  [Name in keyof Declared]: Declared[Name]["need"] extends "required" ? Name : never;
}[keyof Declared];

type RequiredPart<Declared extends Fields> = {
  readonly [Name in keyof Declared as Declared[Name]["need"] extends "required" ? Name : never]: GivenIn<
    Declared[Name]
  >;
};

type OptionalPart<Declared extends Fields> = {
  readonly [Name in keyof Declared as Declared[Name]["need"] extends "required" ? never : Name]?:
    | GivenIn<Declared[Name]>
    | undefined;
};

type GivenIn<Declared> = Declared extends { readonly check: { readonly [GIVEN]?: infer Given } }
  ? Exclude<Given, undefined>
  : never;

/** The type of the result: nothing is left out. */
export type SettledOf<Declared extends Fields> = { readonly [Name in keyof Declared]: Declared[Name]["fallback"] };

/** An options object: its name in errors, its fields, and rules that span several fields. */
export interface Declaration<Declared extends Fields = Fields> {
  /** What an error says about an unknown field: `is no option of the emulator`. */
  readonly unknown: string | ((name: string) => string);
  readonly fields: Declared;
  /** The JSON Schema of the rules that span several fields. Default: none. */
  readonly schema?: JsonSchema;
  /** Says what is wrong with fields that are each valid on their own; undefined: nothing. */
  rule?(settled: SettledOf<Declared>): Problem | undefined;
}

/** A field that must be given. */
export function required<Given, Settled>(check: Check<Given, Settled>): Field<Given, Settled, "required"> {
  return { check, need: "required", fallback: undefined as Settled }; // as: never read
}

/** A field that may be left out, and its value then. */
export function optional<Given, Settled>(check: Check<Given, Settled>): Field<Given, Settled | undefined, "optional">;
export function optional<Given, Settled>(
  check: Check<Given, Settled>,
  fallback: NoInfer<Settled>,
): Field<Given, Settled, "optional">;
export function optional<Given, Settled>(
  check: Check<Given, Settled>,
  fallback?: Settled,
): Field<Given, Settled | undefined, "optional"> {
  return { check, need: "optional", fallback };
}

/** Makes a declaration; its types are inferred. */
export function declare<const Declared extends Fields>(declaration: Declaration<Declared>): Declaration<Declared> {
  return Object.freeze(declaration);
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The path of a field below another. */
export function fieldPath(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/**
 * Refuses fields that are not declared: a misspelt one must not be silently ignored.
 *
 * @param what what to say about one: `is no option of the emulator`
 * @throws what `refuse` makes
 */
export function checkKnown(
  given: object,
  {
    known,
    what,
    path,
    refuse,
  }: { known: readonly string[]; what: Declaration["unknown"]; path: string; refuse: Refuse },
): void {
  // Not Object.keys: each call checks its request.
  for (const name in given) {
    if (known.includes(name) || !Object.hasOwn(given, name)) continue;
    throw refuse({
      path: fieldPath(path, name),
      text: `${typeof what === "string" ? what : what(name)}; valid names are ${known.join(", ")}`,
    });
  }
}

/**
 * Reads an options object: checks every field and fills in what was not given.
 *
 * @param path the object's name in errors; empty: its fields are named alone
 * @throws what `refuse` makes, for the first problem
 */
export function settle<Declared extends Fields>(
  declaration: Declaration<Declared>,
  given: unknown,
  { path = "", refuse }: { path?: string; refuse: Refuse },
): SettledOf<Declared> {
  const { fields, unknown, rule } = declaration;
  if (!isObject(given) || Array.isArray(given)) {
    throw refuse({ path: path === "" ? "options" : path, text: "must be an object" });
  }
  checkKnown(given, { known: Object.keys(fields), what: unknown, path, refuse });
  const settled = Object.fromEntries(
    Object.entries(fields).map(([name, { check, need, fallback }]) => {
      const value: unknown = Reflect.get(given, name);
      if (value !== undefined) return [name, check.read(value, fieldPath(path, name), refuse)];
      if (need === "required") throw refuse({ path: fieldPath(path, name), text: "is missing" });
      return [name, fallback];
    }),
  ) as SettledOf<Declared>; // as: a value of each field's own type, by its name
  const problem = rule?.(settled);
  if (problem !== undefined)
    throw refuse({ ...problem, path: problem.path === "" ? path : fieldPath(path, problem.path) });
  return settled;
}
