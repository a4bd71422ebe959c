// SPDX-License-Identifier: Apache-2.0
// Bundles build/src into what ships: parts, each one readable file, and a thin door over a part for every entry of package.json's
// `exports`. A module stands in one part only, so that every class exists once. Decides nothing about what a door offers.

const esbuild = require("esbuild");
const { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { dirname, join, relative, resolve } = require("node:path");

const BUILD = resolve(__dirname, "../build");
const PARTS = join(BUILD, "parts");
const LICENSE = "// SPDX-License-Identifier: Apache-2.0";

/** The part that other parts may share modules of: loading many small files is half of a cold start. */
const CORE = "core";
/** The doors of each part, and the module behind each. The emulator shares nothing with the client, not even a file. */
const DOORS_OF = {
  [CORE]: { index: "src/index.js" },
  admin: {
    admin: "src/iam-admin/index.js",
    diagnose: "src/diagnosis/index.js",
    // For the program alone: package.json does not name them.
    "resource-manager": "src/resource-manager/index.js",
    "service-usage": "src/service-usage/index.js",
  },
  "google-auth-library": { "google-auth-library": "src/google-auth-library.js" },
  "grpc-js": { "grpc-js": "src/grpc-js.js" },
  gapic: { gapic: "src/gapic/index.js", protos: "src/gapic/protos.js" },
  emulator: { emulator: "src/emulator/index.js" },
};
/** The door that is opened for what it does, not for its names. */
const NAMELESS = "google-auth-library";
/** The programs, all in one part. */
const PROGRAMS_PART = "programs";
const PROGRAMS = { iamcreds: "src/cli/main.js", "docker-credential-iamcreds": "src/cli/docker-main.js" };
/** protobufjs's message classes: half a megabyte that the drop-in loads when one is touched. */
const MESSAGE_CLASSES = join(BUILD, "generated/protobufjs/messages.js");

/** The reader and writer of the stubs go into the part: a tenth of their package, which nobody then has to install or load. */
const WIRE = {
  filter: /^@bufbuild[/]protobuf[/]wire$/,
  path: join(dirname(require.resolve("@bufbuild/protobuf/wire")), "../../esm/wire/binary-encoding.js"),
};

const pathOf = (module) => join(BUILD, module);
const nameOf = (path) =>
  path === WIRE.path
    ? "wire"
    : relative(BUILD, path)
        .replaceAll("\\", "/")
        .replace(/[.]js$/, "");

/** What captures timers as it is loaded must be loaded with the door, before a test replaces them. */
const EAGER = join(BUILD, "src/base/clock.js");

/** A module whose imports run when something of them is first used: a program runs what it uses of a part, and no more. */
const withLazyImports = {
  name: "with-lazy-imports",
  setup(build) {
    build.onLoad({ filter: /[/\\]build[/\\](src|generated)[/\\].*[.]js$/ }, ({ path }) => {
      const names = [];
      const begun = readFileSync(path, "utf8").replace(
        /^(?:const|var) (\w+_\d+) = require\(("[^"]+")\);$/gm,
        (_, name, module) => {
          names.push(name);
          return `let ${name}_; const ${name} = () => (${name}_ ??= require(${module}));`;
        },
      );
      const contents = names.reduce(
        (text, name) =>
          text
            .replace(new RegExp(`\\bnew ${name}[.]`, "g"), `new (${name}()).`)
            .replace(new RegExp(`\\b${name}[.]`, "g"), `${name}().`),
        begun,
      );
      return { contents, loader: "js" };
    });
  },
};

/** The text that a part begins with: what it hands out, each loaded when it is asked for. */
function entryOf(modules) {
  const lines = Object.entries(modules).map(
    ([name, path]) => `exports[${JSON.stringify(name)}] = () => require(${JSON.stringify(path)});`,
  );
  if ("index" in modules) lines.push(`require(${JSON.stringify(EAGER)});`);
  return { contents: `${lines.join("\n")}\n`, resolveDir: BUILD, sourcefile: "parts.js" };
}

function bundle(name, modules, plugins = []) {
  return esbuild.build({
    stdin: entryOf(modules),
    outfile: join(PARTS, `${name}.js`),
    bundle: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "cjs",
    keepNames: false,
    legalComments: "none",
    banner: { js: LICENSE },
    metafile: true,
    write: false,
    logLevel: "warning",
    plugins: [...plugins, withLazyImports],
  });
}

/** Leaves what another place holds to that place: modules of the core, doors of other parts, the message classes. */
function elsewhere(part, held) {
  return {
    name: "elsewhere",
    setup(build) {
      const take = (target) => {
        const place = held(target, part);
        return place === undefined
          ? { path: target }
          : { path: nameOf(target), namespace: "elsewhere", pluginData: place };
      };
      build.onResolve({ filter: /./, namespace: "elsewhere" }, ({ path }) => ({ path, external: true }));
      build.onResolve({ filter: WIRE.filter }, () => take(WIRE.path));
      build.onResolve({ filter: /^[.]/ }, ({ path, resolveDir }) => {
        const target = resolve(resolveDir, path);
        if (target === MESSAGE_CLASSES) return { path: "./message-classes.js", external: true };
        return take(target);
      });
      build.onLoad({ filter: /./, namespace: "elsewhere" }, ({ pluginData: { file, name } }) => ({
        contents: `module.exports = require(${JSON.stringify(file)})${name === undefined ? "" : `[${JSON.stringify(name)}]()`};`,
        resolveDir: PARTS,
      }));
    },
  };
}

function writePart({ outputFiles }) {
  for (const { path, text } of outputFiles) writeFileSync(path, withNames(text));
}

/** esbuild calls a class that names itself by another name (`var A = class _A`), which people would read in what is printed of it. */
function withNames(text) {
  const renamed = [...text.matchAll(/\bvar (\w+) = class _\1\b/g)].map(([, name]) => name);
  return renamed.reduce((all, name) => all.replace(new RegExp(`\\b_${name}\\b`, "g"), name), text);
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

async function main() {
  rmSync(PARTS, { recursive: true, force: true });
  mkdirSync(PARTS, { recursive: true });
  const modulesOf = (part) =>
    Object.fromEntries(Object.entries(DOORS_OF[part]).map(([door, module]) => [door, pathOf(module)]));
  const draft = await bundle(CORE, modulesOf(CORE), [elsewhere(CORE, () => undefined)]);
  const core = new Set(Object.keys(draft.metafile.inputs).map((path) => resolve(path)));
  const shared = new Map();
  const doorAt = new Map(
    Object.entries(DOORS_OF).flatMap(([part, doors]) =>
      Object.entries(doors).map(([door, module]) => [pathOf(module), { part, place: { file: `../${door}.js` } }]),
    ),
  );
  const held = (target, part) => {
    if (part === "emulator") return undefined;
    const door = doorAt.get(target);
    if (door !== undefined && door.part !== part) return door.place;
    if (!core.has(target)) return undefined;
    shared.set(nameOf(target), target);
    return { file: "./core.js", name: nameOf(target) };
  };
  for (const part of Object.keys(DOORS_OF).filter((name) => name !== CORE)) {
    writePart(await bundle(part, modulesOf(part), [elsewhere(part, held)]));
  }
  const programs = Object.fromEntries(Object.entries(PROGRAMS).map(([name, module]) => [name, pathOf(module)]));
  writePart(await bundle(PROGRAMS_PART, programs, [elsewhere(PROGRAMS_PART, held)]));
  writePart(
    await bundle(CORE, { ...modulesOf(CORE), ...Object.fromEntries([...shared].sort()) }, [
      elsewhere(CORE, () => undefined),
    ]),
  );
  writeFileSync(join(PARTS, "message-classes.js"), readFileSync(MESSAGE_CLASSES));
  for (const [part, doors] of Object.entries(DOORS_OF)) for (const door of Object.keys(doors)) writeDoor(door, part);
  for (const program of Object.keys(PROGRAMS)) {
    const path = join(BUILD, `${program}.js`);
    writeFileSync(
      path,
      `#!/usr/bin/env node\n${LICENSE}\nrequire("./parts/${PROGRAMS_PART}.js")[${JSON.stringify(program)}]();\n`,
    );
    chmodSync(path, 0o755);
  }
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
