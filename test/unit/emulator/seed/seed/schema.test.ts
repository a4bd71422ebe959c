// SPDX-License-Identifier: Apache-2.0
// The JSON schema of a seed is made of the declarations that seeds are checked by, and is what the package ships.

import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { projectPermissions } from "../../../../../src/emulator/world/policy/permission-list.js";
import { predefinedRoles } from "../../../../../src/emulator/world/policy/predefined-roles.js";
import { launchStages } from "../../../../../src/emulator/world/policy/role-book.js";
import { buildSeedSchema } from "../../../../../tools/seed-schema.cjs";

const ROOT = join(__dirname, "../../../../..");
const schema = buildSeedSchema((path) => require(join(ROOT, path)));
const itemOf = (list: string) => schema.properties?.[list]?.items ?? {};

describe("the schema of a seed", () => {
  it("is the one that the build has written", () => {
    expect(require(join(ROOT, "build/src/emulator/seed/seed.schema.json"))).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  it("names the roles, launch stages and permissions that there are", () => {
    const { properties: role = {} } = itemOf("roles");
    expect(role["stage"]?.enum).toEqual(Object.keys(launchStages));
    expect(role["includedPermissions"]?.items?.enum).toEqual(projectPermissions);
    expect(itemOf("grants").properties?.["role"]?.anyOf?.[0]?.enum).toEqual([...predefinedRoles.keys()]);
  });

  it("requires what a seed must have, and allows nothing that is not declared", () => {
    expect([schema.required, schema.additionalProperties]).toEqual([["version"], false]);
    expect([itemOf("grants").required, itemOf("grants").additionalProperties]).toEqual([["member", "role"], false]);
    expect(itemOf("grants").oneOf).toEqual([{ required: ["serviceAccount"] }, { required: ["project"] }]);
  });

  it("describes each field by its doc comment, of the machine too", () => {
    const described = Object.entries(schema.properties ?? {}).filter(
      ([, { description }]) => description !== undefined,
    );
    expect(described.map(([name]) => name)).toEqual(Object.keys(schema.properties ?? {}));
    const { zone, mtlsDirectory } = schema.properties?.["metadataServer"]?.properties ?? {};
    expect([zone?.description, mtlsDirectory]).toEqual(["The machine's zone. Default: `us-central1-a`.", undefined]);
  });

  it("has no truncated description, as where TypeScript takes @bufbuild for a tag", () => {
    const texts = JSON.stringify(schema).match(/"description":"(?:[^"\\]|\\.)*"/g) ?? [];
    expect(texts.length).toBeGreaterThan(50);
    expect(texts.filter((text) => !text.endsWith('."'))).toEqual([]);
  });
});
