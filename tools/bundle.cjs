// SPDX-License-Identifier: Apache-2.0
// Bundles the sources into what ships: parts, each one readable file, and a thin door over a part for every entry of package.json's
// `exports`. A module stands in one part only, so that every class exists once. Decides nothing about what a door offers.
//
// Reading and compiling text is most of a cold start, and so a part is loaded when something of it is first used; Node's own modules are too.

const esbuild = require("esbuild");
const { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const plans = require("./bundle-plan.cjs");
const { shortClasses } = require("./short-classes.cjs");

const { CORE, DOORS_OF, NEEDED, PROGRAMS, PROGRAMS_PART, ROOT, WHOLE, WIRE, keyOf } = plans;
const BUILD = join(ROOT, "build");
const PARTS = join(BUILD, "parts");
const LICENSE = "// SPDX-License-Identifier: Apache-2.0";

/** The door that shares nothing with the others, not even a file; and what the programs call it. */
const EMULATOR = { emulator: "src/emulator/index.ts", "emulator/index": "src/emulator/index.ts" };
/** The door that is opened for what it does, not for its names. */
const NAMELESS = "google-auth-library";
/** What captures timers as it is loaded must be loaded with the door, before a test replaces them. */
const EAGER = "src/base/clock.ts";
/** Written as CommonJS, whose exports can load when they are read. */
const ON_DEMAND = /[/\\]src[/\\]on-demand[.]ts$/;
/** protobufjs's message classes: the drop-in loads them when one is touched. */
const MESSAGE_CLASSES = "generated/protobufjs/messages.js";

/** Gives a module names whose values are loaded when they are first read. One that has another name there is a pair. */
const LAZILY = `module.exports = (target, load, names) => {
  let loaded;
  for (const each of names) {
    const [name, there = name] = [each].flat();
    Object.defineProperty(target, name, { enumerable: true, get: () => (loaded ??= load())[there] });
  }
};\n`;

const lazyModule = (expression, names) =>
  `require("lazily")(exports, () => ${expression}, ${JSON.stringify(names)});\n`;

/**
 * What stands in a part for a module of another; `undefined`: nothing, it is in this one. What is required runs at once, for what it
 * does as well as for its names.
 */
function textInstead(plan, part, module, isRequired) {
  const place = plan.placeOf(module, part);
  if (place === undefined) return undefined;
  const { home, isWhole, names } = place;
  const load = isWhole ? loadOf(home) : `require("./${home}.js")[${JSON.stringify(keyOf(module))}]()`;
  const called = names.map(([name, there]) => (name === there || !isWhole ? name : [name, there]));
  const isSame = called.every((each) => typeof each === "string");
  return isRequired && isSame ? `module.exports = ${load};\n` : lazyModule(load, called);
}

/**
 * How a part that runs as a whole is reached: the core lists those that a client can need, and hands the list to each of them, so that no
 * file requires one that requires it.
 */
function loadOf(part) {
  return NEEDED.has(part) ? `$parts.${part}()` : `require("./${part}.js")($parts)`;
}

/** What goes around the text of a part. */
function wrappingOf(part) {
  if (part === CORE) {
    const others = [...NEEDED].filter((each) => each !== CORE);
    const lines = others.map((each) => `  ${each}: () => require("./${each}.js")($parts),`);
    return {
      head: `const $parts = {\n  ${CORE}: () => module.exports,\n${lines.join("\n")}\n};\n`,
      tail: "module.exports.$parts = $parts;\n",
    };
  }
  if (!WHOLE.has(part))
    return { head: part === "emulator" ? "" : `const { $parts } = require("./${CORE}.js");\n`, tail: "" };
  // In parentheses, so that it is compiled once, as a whole.
  const head =
    "let made;\nmodule.exports = ($parts) => (made ??= make($parts));\nconst make = (function make($parts) {\nconst module = { exports: {} };\n";
  return { head, tail: "return module.exports;\n});\n" };
}

/** Resolves what the modules of a part import: into the part, or to where it is read lazily. */
function linking({ textFor, namesFrom }) {
  return {
    name: "linking",
    setup(build) {
      const lazily = (path, text) => ({ path, namespace: "lazy", pluginData: text });
      build.onResolve({ filter: /^lazily$/ }, () => lazily("lazily", LAZILY));
      build.onResolve({ filter: /./, namespace: "lazy" }, ({ path }) => ({ path, external: true }));
      build.onResolve({ filter: /./ }, ({ path: from, resolveDir, kind }) => {
        const module = plans.importedModule(resolveDir, from);
        if (module === MESSAGE_CLASSES) return { path: "./message-classes.js", external: true };
        if (from.startsWith(".") || WIRE.filter.test(from)) {
          const isRequired = kind === "require-call";
          const text = textFor(module, isRequired);
          if (text === undefined) return { path: join(ROOT, module) };
          return lazily(`${keyOf(module)}${isRequired ? ", required" : ""}`, text);
        }
        const names = kind === "import-statement" ? namesFrom(from) : [];
        if (names.length === 0) return { path: from, external: true };
        return lazily(from, lazyModule(`require(${JSON.stringify(from)})`, names));
      });
      build.onLoad({ filter: /./, namespace: "lazy" }, ({ pluginData: contents }) => ({ contents, resolveDir: ROOT }));
      build.onLoad({ filter: ON_DEMAND }, ({ path }) => ({
        contents: readFileSync(path, "utf8").replace(/^export /gm, ""),
        loader: "ts",
      }));
    },
  };
}

function bundle(part, contents, links) {
  return esbuild.build({
    absWorkingDir: ROOT,
    stdin: { contents, resolveDir: ROOT, sourcefile: "parts.js" },
    outfile: join(PARTS, `${part}.js`),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    legalComments: "none",
    banner: { js: `${LICENSE}\n${wrappingOf(part).head}` },
    footer: { js: wrappingOf(part).tail },
    metafile: true,
    write: false,
    logLevel: "warning",
    tsconfigRaw: {},
    plugins: [linking(links)],
  });
}

/** The text that a part begins with: names where it runs as a whole, else modules, each run when it is asked for. */
function entryOf(plan, part) {
  const handedOut = plan.handedOutBy(part);
  if (WHOLE.has(part)) {
    const lines = handedOut.map(([module, names]) => {
      const list = [...names].sort().map(([name, there]) => (name === there ? name : `${name} as ${there}`));
      return `export { ${list.join(", ")} } from "./${module}";`;
    });
    return `import "./${part === CORE ? EAGER : handedOut[0][0]}";\n${lines.join("\n")}\n`;
  }
  const doors = part === PROGRAMS_PART ? PROGRAMS : DOORS_OF[part];
  const modules = { ...doors, ...Object.fromEntries(handedOut.map(([module]) => [keyOf(module), module])) };
  return runWhenAsked(modules);
}

const runWhenAsked = (modules) =>
  Object.entries(modules)
    .map(([name, module]) => `exports[${JSON.stringify(name)}] = () => require("./${module}");\n`)
    .join("");

function writePart({ outputFiles }) {
  for (const { path, text } of outputFiles) writeFileSync(path, withOneNamespace(withNames(text)));
}

/**
 * esbuild calls a class that names itself by another name (`var A = class _A`), which people would read in what is printed of it; and a
 * bundler that comes after would find yet another.
 */
function withNames(text) {
  const declared = text.replace(/^var (\w+) = class _\1\b/gm, "class $1");
  const names = [...declared.matchAll(/^class (\w+)/gm)].map(([, name]) => name);
  const own = names.reduce((all, name) => all.replace(new RegExp(`\\b_${name}\\b`, "g"), name), declared);
  return withInnerNames(own);
}

function withInnerNames(text) {
  const renamed = [...text.matchAll(/\b(\w+) = class _\1\b/g)].map(([, name]) => name);
  return renamed.reduce((all, name) => all.replace(new RegExp(`\\b_${name}\\b`, "g"), name), text);
}

/** esbuild copies a module's names each time that it is asked for it; here they are handed out as they are. */
function withOneNamespace(text) {
  const copying = 'var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);';
  const marking = 'var __toCommonJS = (mod) => __defProp(mod, "__esModule", { value: true });';
  if (text.includes("__toCommonJS(") && !text.includes(copying)) throw new Error("esbuild's __toCommonJS is another");
  return text.replace(copying, marking);
}

/** A door: the module of a part, and its names in the form that Node's ESM loader finds. */
function writeDoor(name, part) {
  const path = join(BUILD, `${name}.js`);
  const load = `module.exports = require("./parts/${part}.js")[${JSON.stringify(name)}]();\n`;
  writeFileSync(path, `${LICENSE}\n${load}`);
  const names = Object.keys(require(path));
  if (names.length === 0 && name !== NAMELESS) throw new Error(`${name}: the door offers nothing`);
  const list = ["__esModule", ...names].map((each) => (each === "default" ? "default: module" : each)).join(", ");
  const hint = `// Never run: Node's loader of ES modules finds the names here.\n0 && (module.exports = { ${list} });\n`;
  writeFileSync(path, `${LICENSE}\n${load}${hint}`);
}

/** The front door for bundlers: of a part of which a program imports nothing, nothing comes along. */
function writeBundlersDoor(plan) {
  const places = plan.frontDoor();
  const named = places.map(({ name }) => name).join();
  if (
    named !==
    Object.keys(require(join(BUILD, "index.js")))
      .sort()
      .join()
  )
    throw new Error(`not all names: ${named}`);
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

/** Code that nobody reads or steps through, in fewer bytes; names stay, since callers see those of classes. */
function shortened(text) {
  const { code } = esbuild.transformSync(shortClasses(text), {
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    target: "node20",
  });
  return `${LICENSE}\n${code}`;
}

function writeProgram(program) {
  const path = join(BUILD, `${program}.js`);
  const load = `require("./parts/${PROGRAMS_PART}.js")[${JSON.stringify(program)}]();`;
  writeFileSync(path, `#!/usr/bin/env node\n${LICENSE}\n${load}\n`);
  chmodSync(path, 0o755);
}

async function main() {
  rmSync(PARTS, { recursive: true, force: true });
  mkdirSync(PARTS, { recursive: true });
  const here = { textFor: () => undefined, namesFrom: () => [] };
  const all = Object.assign({}, ...Object.values(DOORS_OF), EMULATOR, PROGRAMS);
  const { metafile } = await bundle("draft", runWhenAsked(all), here);
  const plan = new plans.Plan(metafile);
  for (const part of plan.parts) {
    const namesFrom = (name) => plan.namesFrom(part, name);
    writePart(
      await bundle(part, entryOf(plan, part), {
        textFor: (...module) => textInstead(plan, part, ...module),
        namesFrom,
      }),
    );
  }
  const imports = plans.namesImportedBy(
    Object.keys(metafile.inputs).filter((path) => path.startsWith("src/emulator/")),
  );
  const namesFrom = (name) => [...(imports.get(name) ?? [])].sort();
  writePart(await bundle("emulator", runWhenAsked(EMULATOR), { ...here, namesFrom }));
  writeFileSync(join(PARTS, "message-classes.js"), shortened(readFileSync(join(ROOT, MESSAGE_CLASSES), "utf8")));
  for (const [part, doors] of Object.entries(DOORS_OF)) for (const door of Object.keys(doors)) writeDoor(door, part);
  writeDoor("emulator", "emulator");
  writeBundlersDoor(plan);
  Object.keys(PROGRAMS).forEach(writeProgram);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
