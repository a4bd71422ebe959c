// SPDX-License-Identifier: Apache-2.0
// What a test may ask of seed-schema.cjs.

/** A part of the schema. */
export interface Schema {
  readonly description?: string;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** The schema. @param build gives the module that a source was built to */
export function buildSeedSchema(build: (path: string) => unknown): Schema;
