// SPDX-License-Identifier: Apache-2.0
// Checks a value against a JSON schema: the keywords that the seed's schema uses (draft 2020-12), and no other. A keyword that
// is not known is an error, so that the schema can't say more than is checked.

/** A schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** A value that its schema does not allow. The message names the place, and never repeats the value. */
export class SchemaError extends TypeError {
  override readonly name = "SchemaError";
}

type Check = (given: unknown, value: unknown, path: string, root: Schema, schema: Schema) => void;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === "boolean",
};

function refuse(path: string, what: string): never {
  throw new SchemaError(`${path} ${what}`);
}

function resolveReference(root: Schema, reference: string): Schema {
  let part: unknown = root;
  for (const name of reference.replace(/^#\//, "").split("/")) part = isObject(part) ? part[name] : undefined;
  if (!isObject(part)) throw new Error(`the schema has no ${reference}`);
  return part;
}

function checkProperties(given: unknown, value: unknown, path: string, root: Schema): void {
  if (!isObject(given) || !isObject(value)) return;
  for (const [name, schema] of Object.entries(given)) {
    if (Object.hasOwn(value, name) && isObject(schema)) check(schema, value[name], `${path}.${name}`, root);
  }
}

function checkAdditional(given: unknown, value: unknown, path: string, root: Schema, { properties }: Schema): void {
  if (!isObject(value)) return;
  for (const [name, each] of Object.entries(value)) {
    if (isObject(properties) && Object.hasOwn(properties, name)) continue;
    if (given === false) refuse(`${path}.${name}`, "is no field of a seed");
    if (isObject(given)) check(given, each, `${path}.${name}`, root);
  }
}

const fits = (schema: unknown, value: unknown, path: string, root: Schema): boolean => {
  try {
    check(schema as Schema, value, path, root); // of a schema that is ours
    return true;
  } catch (error) {
    if (error instanceof SchemaError) return false;
    throw error;
  }
};

// Of objects alone: one of them must have its field, and no other.
function checkOneOf(given: unknown, value: unknown, path: string, root: Schema): void {
  const forms = given as readonly Schema[];
  if (forms.filter((form) => fits(form, value, path, root)).length === 1) return;
  refuse(path, `must have exactly one of ${forms.map(({ required }) => String(required)).join(", ")}`);
}

function checkDependent(given: unknown, value: unknown, path: string): void {
  if (!isObject(value) || !isObject(given)) return;
  for (const [name, others] of Object.entries(given)) {
    if (!Object.hasOwn(value, name)) continue;
    const missing = (others as readonly string[]).find((other) => !Object.hasOwn(value, other));
    if (missing !== undefined) refuse(`${path}.${missing}`, `is missing, with ${name}`);
  }
}

const ignore: Check = () => {};

const keywords: Readonly<Record<string, Check>> = {
  $schema: ignore,
  $defs: ignore,
  title: ignore,
  description: ignore,
  $ref: (given, value, path, root) => check(resolveReference(root, String(given)), value, path, root),
  type: (given, value, path) => types[String(given)]?.(value) || refuse(path, `must be of type ${given}`),
  const: (given, value, path) => value === given || refuse(path, `must be ${JSON.stringify(given)}`),
  enum: (given, value, path) =>
    (given as readonly unknown[]).includes(value) || refuse(path, `must be one of ${JSON.stringify(given)}`),
  pattern: (given, value, path) =>
    typeof value !== "string" || new RegExp(String(given)).test(value) || refuse(path, `must match ${given}`),
  minLength: (given, value, path) =>
    typeof value !== "string" || value.length >= Number(given) || refuse(path, `must have ${given} characters or more`),
  maxLength: (given, value, path) =>
    typeof value !== "string" || value.length <= Number(given) || refuse(path, `must have ${given} characters at most`),
  minItems: (given, value, path) =>
    !Array.isArray(value) || value.length >= Number(given) || refuse(path, `must have ${given} items or more`),
  maxItems: (given, value, path) =>
    !Array.isArray(value) || value.length <= Number(given) || refuse(path, `must have ${given} items at most`),
  minimum: (given, value, path) =>
    typeof value !== "number" || value >= Number(given) || refuse(path, `must be ${given} or more`),
  anyOf: (given, value, path, root, { description }) =>
    (given as readonly Schema[]).some((form) => fits(form, value, path, root)) ||
    refuse(path, `must be: ${description}`),
  oneOf: checkOneOf,
  dependentRequired: checkDependent,
  propertyNames(given, value, path, root) {
    if (!isObject(value) || !isObject(given)) return;
    for (const name of Object.keys(value)) check(given, name, `${path}, key ${JSON.stringify(name)}`, root);
  },
  required(given, value, path) {
    if (!isObject(value)) return;
    const missing = (given as readonly string[]).find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) refuse(`${path}.${missing}`, "is missing");
  },
  properties: checkProperties,
  additionalProperties: checkAdditional,
  items(given, value, path, root) {
    if (!Array.isArray(value) || !isObject(given)) return;
    for (const [index, each] of value.entries()) check(given, each, `${path}[${index}]`, root);
  },
};

function check(schema: Schema, value: unknown, path: string, root: Schema): void {
  for (const [keyword, given] of Object.entries(schema)) {
    const apply = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
    if (apply === undefined) throw new Error(`the schema has a keyword that is not checked: ${keyword}`);
    apply(given, value, path, root, schema);
  }
}

/**
 * Checks a value against a schema.
 *
 * @param label what the errors call the value
 * @throws SchemaError naming the first place that is wrong
 */
export function validate(schema: Schema, value: unknown, label: string): void {
  check(schema, value, label, schema);
}
