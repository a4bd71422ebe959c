// SPDX-License-Identifier: Apache-2.0
// Writes what a user's program opens: a thin file over the parts for every entry of package.json's `exports`, and one for each program.

const { chmodSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { CORE, DOORS_OF, FRONT, PROGRAMS, PROGRAMS_PART, ROOT, WHOLE } = require("./bundle-plan.cjs");

const BUILD = join(ROOT, "build");
const LICENSE = "// SPDX-License-Identifier: Apache-2.0";
/** The door that is opened for what it does, not for its names. */
const NAMELESS = "google-auth-library";
/** The door of the message classes, which is a name of the drop-in's door, too. */
const MESSAGES = "protos";
const AROUND_MESSAGES = "gapic";

/** @param plan where everything stands; the parts are written already */
function writeDoors(plan) {
  const places = plan.frontDoor();
  for (const [part, doors] of Object.entries({ ...DOORS_OF, emulator: { emulator: "src/emulator/index.ts" } }))
    for (const door of Object.keys(doors)) writeDoor(door, part === FRONT ? frontDoor(places) : moduleOf(door, part));
  writeBundlersDoor(places);
  Object.keys(PROGRAMS).forEach(writeProgram);
}

/** A door: what it loads, and its names in the form that Node's ESM loader finds. */
function writeDoor(name, load) {
  const path = join(BUILD, `${name}.js`);
  writeFileSync(path, `${LICENSE}\n${load}`);
  const names = Object.keys(require(path));
  if (names.length === 0 && name !== NAMELESS) throw new Error(`${name}: the door offers nothing`);
  const list = ["__esModule", ...names].map((each) => (each === "default" ? "default: module" : each)).join(", ");
  const hint = `// Never run: Node's loader of ES modules finds the names here.\n0 && (module.exports = { ${list} });\n`;
  writeFileSync(path, `${LICENSE}\n${load}${hint}`);
}

/** A door that is a module of a part. A copy: esbuild's names can't be redefined, and tests of users put stand-ins in their place. */
function moduleOf(name, part) {
  const load = `require("./parts/${part}.js")`;
  const names = WHOLE.has(part)
    ? `${load}(require("./parts/${CORE}.js").$parts)`
    : `${load}[${JSON.stringify(name)}]()`;
  if (name === MESSAGES) return messagesDoor(names);
  const copied = name === AROUND_MESSAGES ? `...${names}, ${MESSAGES}: require("./${MESSAGES}.js")` : `...${names}`;
  return `module.exports = Object.defineProperty({ ${copied} }, "__esModule", { value: true });\n`;
}

/** The message classes: the drop-in's door has this one, since a copy of it would load them. */
const messagesDoor = (names) =>
  [
    `const { $parts } = require("./parts/${CORE}.js");\n`,
    `const ${MESSAGES} = ${names};\n`,
    onDemand("$parts", [`  get google() { return ${MESSAGES}.google; },\n`]),
  ].join("");

/** The front door: of a part other than the core, a name is loaded when it is first read. */
function frontDoor(places) {
  const others = [...new Set(places.map(({ part }) => part))].filter((part) => part !== CORE).sort();
  return [
    `const ${CORE} = require("./parts/${CORE}.js");\n`,
    ...others.map((part) => `const ${part} = () => require("./parts/${part}.js")(${CORE}.$parts);\n`),
    onDemand(
      `${CORE}.$parts`,
      places.map(({ name, part, there }) =>
        part === CORE ? `  ${name}: ${CORE}.${there},\n` : `  get ${name}() { return ${part}().${there}; },\n`,
      ),
    ),
  ].join("");
}

const onDemand = (parts, members) =>
  `module.exports = ${parts}.namesOnDemand(Object.defineProperty({\n${members.join("")}}, "__esModule", { value: true }));\n`;

/** The front door for bundlers: of a part of which a program imports nothing, nothing comes along. */
function writeBundlersDoor(places) {
  const imports = [...new Set(places.map(({ part }) => part))].sort();
  const lines = [
    ...imports.map((part) => `import ${part} from "./parts/${part}.js";`),
    `const take = (part, name) => (part === ${CORE} ? ${CORE} : part(${CORE}.$parts))[name];`,
    // Not by their own names, which classes in the parts have: a bundler would give those others.
    ...places.map(({ name, part, there }) => `const its${name} = /* @__PURE__ */ take(${part}, "${there}");`),
    `export { ${places.map(({ name }) => `its${name} as ${name}`).join(", ")} };`,
  ];
  writeFileSync(join(BUILD, "index.mjs"), `${LICENSE}\n${lines.join("\n")}\n`);
}

function writeProgram(program) {
  const path = join(BUILD, `${program}.js`);
  const load = `require("./parts/${PROGRAMS_PART}.js")[${JSON.stringify(program)}]();`;
  writeFileSync(path, `#!/usr/bin/env node\n${LICENSE}\n${load}\n`);
  chmodSync(path, 0o755);
}

module.exports = { writeDoors };
