// SPDX-License-Identifier: Apache-2.0
// Bundles the sources into what ships: parts, each one readable file, and a thin door over a part for every entry of package.json's
// `exports`. A module stands in one part only, so that every class exists once. Decides nothing about what a door offers.
//
// Reading and compiling text is most of a cold start, and so a part is loaded when something of it is first used; Node's own modules are too.

const esbuild = require("esbuild");
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { writeDoors } = require("./bundle-doors.cjs");
const plans = require("./bundle-plan.cjs");
const { finished } = require("./bundle-text.cjs");
const { namesOnDemand } = require("./names-on-demand.cjs");
const { shortClasses } = require("./short-classes.cjs");

const { CORE, DOORS_OF, FRONT, NEEDED, PROGRAMS, PROGRAMS_PART, ROOT, WHOLE, WIRE, keyOf } = plans;
const PARTS = join(ROOT, "build/parts");
const LICENSE = "// SPDX-License-Identifier: Apache-2.0";

/** The door that shares nothing with the others, not even a file; and what the programs call it. */
const EMULATOR = { emulator: "src/emulator/index.ts", "emulator/index": "src/emulator/index.ts" };
/** What captures timers as it is loaded must be loaded with the door, before a test replaces them. */
const EAGER = "src/base/clock.ts";
/** Written as CommonJS, whose exports can load when they are read. */
const ON_DEMAND = /[/\\]src[/\\]on-demand[.]ts$/;
/** Loads an entry point where a bundler does not see it: of the package as it ships, the part behind it, for the core that asks. */
const DOOR_LOADER = /[/\\]src[/\\]base[/\\]load-door[.]ts$/;
const LOADED_DOOR = [/`[.][.][/](.+`[)]);/, "`../parts/$1($parts);"];
/** protobufjs's message classes: the drop-in loads them when one is touched. */
const MESSAGE_CLASSES = "generated/protobufjs/messages.js";

/** Calls what loads a module or package once, when something of it is first used. */
const LAZILY = "const lazily = (load) => {\n  let loaded;\n  return () => (loaded ??= load());\n};\n";

/**
 * How a part reaches a module of another; `undefined`: it is in this one. What is required runs at once, for what it does as well as
 * for its names.
 */
function linkTo(plan, part, module, isRequired) {
  const place = plan.placeOf(module, part);
  if (place === undefined) return undefined;
  const { home, renamed } = place;
  if (isRequired && renamed.length > 0)
    throw new Error(`${module}: is required, and ${home} calls ${renamed[0][0]} otherwise`);
  if (home === CORE) return { at: "$core", renamed };
  if (home === FRONT) return { at: 'require("../index.js")', renamed };
  if (NEEDED.has(home)) return { at: `$parts.${home}()`, renamed };
  const load = WHOLE.has(home)
    ? `require("./${home}.js")($parts)`
    : `require("./${home}.js")[${JSON.stringify(keyOf(module))}]()`;
  return isRequired
    ? { at: load, renamed }
    : lazyLink(WHOLE.has(home) ? home : `${home}_${keyOf(module)}`, load, renamed);
}

/** A link to what is loaded when it is first used, under a name of its own. */
function lazyLink(name, load, renamed = []) {
  const constant = `$${name.replace(/\W+/g, "_")}`;
  return { at: `${constant}()`, declaration: `const ${constant} = lazily(() => ${load});\n`, renamed };
}

/**
 * The text of a part around its modules. The core lists the parts that a client can need, and hands the list to each of them, so that no
 * file requires one that requires it.
 */
function wrappingOf(part) {
  if (part === "emulator") return { head: LAZILY, tail: "" };
  if (part === CORE) {
    const others = [...NEEDED].filter((each) => each !== CORE);
    const lines = others.map((each) => `  ${each}: lazily(() => require("./${each}.js")($parts)),\n`);
    return {
      head: `${LAZILY}${namesOnDemand}\nlet $names;\nconst $parts = {\n  lazily,\n  namesOnDemand,\n  made: {},\n  ${CORE}: () => $names,\n${lines.join("")}};\n`,
      tail: "module.exports = $names;\n$names.$parts = $parts;\n",
    };
  }
  const links = `const { lazily } = $parts;\nconst $core = $parts.${CORE}();\n`;
  if (!WHOLE.has(part)) return { head: `const { $parts } = require("./${CORE}.js");\n${links}`, tail: "" };
  return {
    // In parentheses, so that it is compiled once, as a whole.
    // Once for each core: a test runner that drops its modules has several, and the classes of one must not be made of another's.
    head: `module.exports = ($parts) => ($parts.made[${JSON.stringify(part)}] ??= make($parts));\nconst make = (function make($parts) {\nlet $names;\n${links}`,
    tail: "return $names;\n});\n",
  };
}

/** Resolves what the modules of a part import: into the part, or to a link, which stands in the text until it is finished. */
function linking(linkFor, links) {
  return {
    name: "linking",
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path: from, resolveDir, kind }) => {
        const module = plans.importedModule(resolveDir, from);
        if (module === MESSAGE_CLASSES) return { path: "./message-classes.js", external: true };
        const isOwn = from.startsWith(".") || WIRE.filter.test(from);
        const isRequired = kind === "require-call";
        const link = isOwn ? linkFor(module, isRequired) : linkToPackage(from, isRequired);
        if (link === undefined) return { path: isOwn ? join(ROOT, module) : from, external: !isOwn };
        const path = `link:${isRequired ? "required:" : ""}${keyOf(module)}`;
        links.set(path, link);
        return { path, external: true };
      });
      build.onLoad({ filter: ON_DEMAND }, ({ path }) => ({
        contents: readFileSync(path, "utf8").replace(/^export /gm, ""),
        loader: "ts",
      }));
      build.onLoad({ filter: DOOR_LOADER }, ({ path }) => {
        const text = readFileSync(path, "utf8");
        const contents = text.replace(...LOADED_DOOR);
        if (contents === text) throw new Error(`${path}: loads an entry point in another way`);
        return { contents, loader: "ts" };
      });
    },
  };
}

const linkToPackage = (name, isRequired) =>
  isRequired ? undefined : lazyLink(name, `require(${JSON.stringify(name)})`);

/** The text of a part, and esbuild's account of what is in it. */
async function bundle(part, contents, linkFor) {
  const links = new Map();
  const { metafile, outputFiles } = await esbuild.build({
    absWorkingDir: ROOT,
    stdin: { contents, resolveDir: ROOT, sourcefile: "parts.js" },
    outfile: join(PARTS, `${part}.js`),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
    tsconfigRaw: {},
    plugins: [linking(linkFor, links)],
  });
  const { head, tail } = wrappingOf(part);
  // Sorted: esbuild resolves in no fixed order, and a build must come out as the last one did.
  const declarations = [...new Set([...links.values()].map(({ declaration = "" }) => declaration))].sort();
  const [{ text }] = outputFiles;
  return { metafile, text: [`${LICENSE}\n`, head, ...declarations, "\n", finished(text, links), tail].join("") };
}

/** The text that a part is made from: one that runs as a whole ends with its names; others run the module that is asked for. */
function entryOf(plan, part) {
  const handedOut = plan.handedOutBy(part);
  if (WHOLE.has(part)) {
    const lines = handedOut.map(([module, names]) => {
      const list = [...names].sort().map(([name, there]) => (name === there ? name : `${name} as ${there}`));
      return `import { ${list.join(", ")} } from "./${module}";\n`;
    });
    const names = handedOut.flatMap(([, each]) => [...each.values()]).sort();
    return `import "./${part === CORE ? EAGER : handedOut[0][0]}";\n${lines.join("")}$names = { ${names.join(", ")} };\n`;
  }
  const doors = part === PROGRAMS_PART ? PROGRAMS : DOORS_OF[part];
  const modules = { ...doors, ...Object.fromEntries(handedOut.map(([module]) => [keyOf(module), module])) };
  return runWhenAsked(modules);
}

const runWhenAsked = (modules) =>
  Object.entries(modules)
    .map(([name, module]) => `exports[${JSON.stringify(name)}] = () => require("./${module}");\n`)
    .join("");

const writePart = (part, { text }) => writeFileSync(join(PARTS, `${part}.js`), text);

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

async function main() {
  rmSync(PARTS, { recursive: true, force: true });
  mkdirSync(PARTS, { recursive: true });
  const all = Object.assign({}, ...Object.values(DOORS_OF), EMULATOR, PROGRAMS);
  const inOne = () => undefined;
  const { metafile } = await bundle("draft", runWhenAsked(all), inOne);
  const plan = new plans.Plan(metafile);
  for (const part of plan.parts)
    writePart(part, await bundle(part, entryOf(plan, part), (...module) => linkTo(plan, part, ...module)));
  writePart("emulator", await bundle("emulator", runWhenAsked(EMULATOR), inOne));
  writeFileSync(join(PARTS, "message-classes.js"), shortened(readFileSync(join(ROOT, MESSAGE_CLASSES), "utf8")));
  writeDoors(plan);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
