// SPDX-License-Identifier: Apache-2.0
// What the compiler leaves to do in build/: copies the generated modules that are JavaScript already, and gives the declarations of
// the stubs the two names of the wire format that they use, since the package that has them is bundled, and all a form that older compilers
// read; and has each door bring the declarations of Node.

const { cpSync, readdirSync, readFileSync, writeFileSync } = require("node:fs");
const { dirname, join, relative } = require("node:path");
const { exports: doors } = require("../package.json");

const GENERATED = "build/generated";
const WIRE = `// SPDX-License-Identifier: Apache-2.0
/** Reads what stands on the wire. */
export interface BinaryReader {
  readonly len: number;
  pos: number;
}
/** Writes what stands on the wire. */
export interface BinaryWriter {
  finish(): Uint8Array;
}
`;

cpSync("generated/protobufjs", join(GENERATED, "protobufjs"), { recursive: true });
writeFileSync(join(GENERATED, "wire.d.ts"), WIRE);
for (const path of readdirSync(GENERATED, { recursive: true }).map((name) => join(GENERATED, name))) {
  if (!path.endsWith(".d.ts")) continue;
  const to = `./${join(relative(dirname(path), GENERATED), "wire.js").replaceAll("\\", "/")}`.replace("./..", "..");
  const text = readFileSync(path, "utf8");
  const own = text.replace(
    /import \{ BinaryReader, BinaryWriter \} from "@bufbuild\/protobuf\/wire";/,
    `import type { BinaryReader, BinaryWriter } from "${to}";`,
  );
  if (own !== text) writeFileSync(path, own);
}

// The names that are loaded on demand, as the names that they are: of `typeof import()` the compiler of a program that exports an instance
// finds no name that it could write into the program's own declarations.
const ON_DEMAND = "build/src/on-demand.d.ts";
const onDemand = readFileSync(ON_DEMAND, "utf8").matchAll(
  /^export declare const (\w+): typeof import\("([^"]+)"\)[.]\1;$/gm,
);
const named = [...onDemand].map(([, name, path]) => `export { ${name} } from "${path}";\n`);
if (named.length === 0) throw new Error(`${ON_DEMAND}: declares its names in another way`);
writeFileSync(ON_DEMAND, named.join(""));

// What the compiler says in full, TypeScript before 5.7 does not know; it is the default of all later ones.
for (const path of readdirSync("build/src", { recursive: true }).map((name) => join("build/src", name))) {
  if (!path.endsWith(".d.ts")) continue;
  const text = readFileSync(path, "utf8");
  const plain = text.replaceAll("<ArrayBufferLike>", "");
  if (plain !== text) writeFileSync(path, plain);
}

// TypeScript 6 and later take what a program names in `types` alone, and a package manager may keep @types/node where only this package finds it.
for (const { types } of Object.values(doors)) {
  if (types !== undefined) writeFileSync(types, `/// <reference types="node" />\n${readFileSync(types, "utf8")}`);
}
