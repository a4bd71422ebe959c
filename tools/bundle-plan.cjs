// SPDX-License-Identifier: Apache-2.0
// Which module stands in which part of the bundled package, and what the parts hand out to each other. Writes nothing.

const { readFileSync } = require("node:fs");
const { dirname, join, relative, resolve } = require("node:path");

const ROOT = resolve(__dirname, "..");

/** What a client needs in every process; a module that no other part takes is here, if a client can reach it. */
const CORE = "core";
/** The front door's two modules: they are no part, since all they do is to name what others have. */
const FRONT = "index";
/** The doors of each part, and the module behind each. */
const DOORS_OF = {
  [FRONT]: { index: "src/index.ts" },
  admin: { admin: "src/iam-admin/index.ts", diagnose: "src/diagnosis/index.ts" },
  "google-auth-library": { "google-auth-library": "src/google-auth-library.ts" },
  "grpc-js": { "grpc-js": "src/grpc-js.ts" },
  // In this order: the drop-in's door loads the other one.
  gapic: { protos: "src/gapic/protos.ts", gapic: "src/gapic/index.ts" },
};
/** The programs, all in one part. */
const PROGRAMS_PART = "programs";
const PROGRAMS = { iamcreds: "src/cli/main.ts", "docker-credential-iamcreds": "src/cli/docker-main.ts" };

/** Which part takes which files and folders; the first that has a module takes it. */
const TAKERS = [
  [FRONT, "src/index.ts", "src/on-demand.ts"],
  ["google-auth-library", "src/google-auth-library.ts", "src/auth/google-library/executable-source.ts"],
  ["grpc-js", "src/grpc-js.ts", "src/rpc/transport/grpc-js/"],
  ["gapic", "src/gapic/", "generated/protobufjs/"],
  [PROGRAMS_PART, "src/cli/"],
  ["impersonation", "src/impersonation/"],
  ["verification", "src/verification/"],
  ["explanations", "src/client/explain-credentials.ts", "src/iam-credentials/credentials.ts"],
  ["explanations", "src/base/causes/explain-error.ts", "src/base/causes/cause-table.ts", "src/base/causes/commands.ts"],
  ["explanations", "src/base/causes/printed-error.ts", "src/base/causes/situation.ts"],
  ["services", "src/client/service-client.ts", "src/rpc/call-stream.ts", "src/rpc/replay-buffer.ts"],
  ["rare", "src/rpc/paging.ts", "src/rpc/transport/grpc/streaming.ts", "src/rpc/transport/shared-transport.ts"],
  ["rare", "src/base/certificate/secure-connect.ts", "src/base/certificate/client-certificate.ts"],
  ["rare", "src/client/endpoint/explain-endpoint.ts"],
  [CORE, "src/auth/resolve-token-provider.ts", "src/auth/api-key.ts"],
  [CORE, "src/base/causes/status.ts", "src/base/http/percent-encode.ts"],
  ["grpc", "src/rpc/transport/grpc/", "src/rpc/transport/http2/", "node_modules/@bufbuild/"],
  ["grpc", "generated/google/iam/credentials/v1/common.ts"],
  ["grpc", "generated/google/protobuf/duration.ts", "generated/google/protobuf/timestamp.ts"],
  ["http", "src/rpc/transport/rest/", "src/base/http/", "generated/google/rpc/error_details.tables.ts"],
  // Calls with a key need no more; and the drop-in says as it loads how it would find google-auth-library.
  ["keys", "src/auth/service-account.ts", "src/auth/files/credentials-file.ts", "src/client/from-key-file.ts"],
  ["keys", "src/auth/tokens/refresh-margin.ts", "src/auth/google-library/google-library.ts"],
  ["auth", "src/auth/", "src/base/socket/tunnel.ts"],
  [
    "errors",
    "src/base/causes/",
    "src/base/secrets/mask-sent.ts",
    "src/base/secrets/foreign-error.ts",
    "src/messages/error-details.ts",
    "src/messages/claims.ts",
  ],
  ["errors", "generated/google/rpc/", "generated/google/protobuf/any.ts"],
];

/** Parts that a client can come to need by itself; the least used is `rare`. */
const NEEDED = new Set([CORE, "grpc", "http", "keys", "auth", "errors", "rare"]);
/** Parts with doors that the core loads by itself, too, where a bundler does not see it. */
const LIBRARIES = ["google-auth-library", "grpc-js"];
/** Parts that run as a whole, once for each core, when they are loaded; the others run the module that is asked for. */
const WHOLE = new Set([...NEEDED, ...LIBRARIES, "services", "explanations", "impersonation", "verification"]);

/** The reader and writer of the stubs go into a part: a tenth of their package, which nobody then has to install or load. */
const WIRE = {
  filter: /^@bufbuild[/]protobuf[/]wire$/,
  path: join(dirname(require.resolve("@bufbuild/protobuf/wire")), "../../esm/wire/binary-encoding.js"),
};

const moduleAt = (path) => relative(ROOT, path).replaceAll("\\", "/");
/** What a part calls a module that it hands out. */
const keyOf = (module) => module.replace(/^src\/|[.][jt]s$/g, "");

/** The module that an import means. Imports call a source by the name of what the compiler makes of it. */
function importedModule(folder, from) {
  if (WIRE.filter.test(from)) return moduleAt(WIRE.path);
  if (!from.startsWith(".")) return from;
  const module = moduleAt(resolve(folder, from));
  return /^(src|generated\/(?!protobufjs))/.test(module) ? module.replace(/[.]js$/, ".ts") : module;
}

/** What a module imports at run time: names, by module or package. */
function importsOf(module) {
  const text = readFileSync(join(ROOT, module), "utf8");
  const folder = dirname(join(ROOT, module));
  const named = [...text.matchAll(/^(?:import|export) \{([^}]+)\} from "([^"]+)";$/gm)].map(([, list, from]) => [
    importedModule(folder, from),
    namesInList(list),
  ]);
  const whole = [/^(?:import|export) \* as \w+ from "([.][^"]+)";$/gm, /\brequire\("([.][^"]+)"\)/g]
    .flatMap((form) => [...text.matchAll(form)])
    .map(([, from]) => importedModule(folder, from))
    .map((target) => [target, exportsOf(target)]);
  return [...named, ...whole];
}

function namesInList(list) {
  const items = list.split(",").map((item) => item.trim().split(" as ")[0]);
  return items.filter((item) => item !== "" && !item.startsWith("type "));
}

/** The names that a module has at run time, as the compiler has written them. */
function exportsOf(module) {
  if (module.startsWith("generated/protobufjs")) return [];
  const compiled = readFileSync(join(ROOT, "build", module.replace(/[.]ts$/, ".js")), "utf8");
  const forms = [/\bexports[.](\w+) = (?!void 0|exports[.])/g, /\bdefineProperty\(exports, "(\w+)"/g];
  const names = forms.flatMap((form) => [...compiled.matchAll(form)].map(([, name]) => name));
  return [...new Set(names)].filter((name) => name !== "__esModule");
}

/** The names that modules import of a package or module: a function of that. */
function namesImportedBy(modules) {
  const names = new Map();
  for (const module of modules.filter((each) => each.endsWith(".ts"))) {
    for (const [from, list] of importsOf(module)) names.set(from, new Set([...(names.get(from) ?? []), ...list]));
  }
  return names;
}

/** What imports what among the modules of a program. The emulator is one of its own, and its door the only way there. */
function graphOf({ inputs }) {
  const isModule = (path) => path in inputs && /^(src|generated|node_modules)\//.test(path);
  const importsIn = (path) => (path.startsWith("src/emulator/") ? [] : inputs[path].imports.map((each) => each.path));
  const modules = Object.keys(inputs).filter(isModule);
  return new Map(modules.map((path) => [path, importsIn(path).filter(isModule)]));
}

function reachableFrom(roots, graph) {
  const seen = new Set(roots);
  for (const module of seen) for (const next of graph.get(module) ?? []) seen.add(next);
  return seen;
}

/** The part of each module; of the emulator's, of its door alone. */
function partsOf(graph) {
  const taken = new Map();
  for (const [part, doors] of Object.entries({ ...DOORS_OF, [PROGRAMS_PART]: PROGRAMS })) {
    for (const module of reachableFrom(Object.values(doors), graph)) {
      const taker = module.startsWith("src/emulator/") ? "emulator" : takerOf(module);
      if (!taken.has(module)) taken.set(module, taker ?? (part === FRONT ? CORE : part));
    }
  }
  checkTakers([...taken.keys()]);
  return taken;
}

const takerOf = (module) => TAKERS.find(([, ...paths]) => paths.some((path) => module.startsWith(path)))?.[0];

/** A file that has moved would land in another part, unseen. */
function checkTakers(modules) {
  for (const [part, ...paths] of TAKERS) {
    const missing = paths.find((path) => !modules.some((module) => module.startsWith(path)));
    if (missing !== undefined) throw new Error(`${missing}: the part ${part} takes it, and it is not there`);
  }
}

/** Where each name of the front door stands: its module, by the two files that list them. */
function modulesOfFrontDoor() {
  const namesIn = (path, form) =>
    [...readFileSync(join(ROOT, path), "utf8").matchAll(form)].map(([, ...groups]) => groups);
  const exported = namesIn("src/index.ts", /^export \{([^}]+)\} from "([^"]+)";$/gm);
  const onDemand = namesIn("src/on-demand.ts", /^onDemand\(\s*\(\) => require\("([^"]+)"\),([^)]+)\);$/gm).map(
    ([from, list]) => [list.replaceAll('"', ""), from],
  );
  const places = [...exported.filter(([, from]) => from !== "./on-demand.js"), ...onDemand];
  const folder = join(ROOT, "src");
  return new Map(
    places.flatMap(([list, from]) => namesInList(list).map((name) => [name, importedModule(folder, from)])),
  );
}

/** Where everything stands. */
class Plan {
  #parts;
  /** What the modules of a part import: names, by module or package. */
  #imports = new Map();
  /** What a part calls each name that it hands out, by module. */
  #handedOut = new Map();

  /** @param metafile esbuild's, of one bundle of everything */
  constructor(metafile) {
    this.#parts = partsOf(graphOf(metafile));
    for (const part of new Set(this.#parts.values())) {
      this.#handedOut.set(part, new Map());
      this.#imports.set(
        part,
        namesImportedBy([...this.#parts.keys()].filter((each) => this.#parts.get(each) === part)),
      );
    }
    for (const [part, imports] of this.#imports) {
      for (const [module, names] of imports) if (this.#isElsewhere(module, part)) this.#handOut(module, names);
    }
    for (const [name, module] of modulesOfFrontDoor()) this.#handOut(module, [name]);
    for (const module of LIBRARIES.flatMap((part) => Object.values(DOORS_OF[part])))
      this.#handOut(module, exportsOf(module));
  }

  get parts() {
    return [...this.#handedOut.keys()].filter((part) => part !== "emulator" && part !== FRONT);
  }

  #isElsewhere(module, part) {
    return (this.#parts.get(module) ?? part) !== part;
  }

  /** A part calls a name as its module does, unless another module's is called so. */
  #handOut(module, names) {
    const modules = this.#handedOut.get(this.#parts.get(module));
    const own = modules.get(module) ?? modules.set(module, new Map()).get(module);
    const taken = new Set([...modules.values()].flatMap((each) => [...each.values()]));
    for (const name of [...names].filter((each) => !own.has(each))) {
      let free = name;
      while (taken.has(free)) free += "_";
      own.set(name, free);
      taken.add(free);
    }
  }

  /** What a part hands out: names by module, and what it calls each. */
  handedOutBy(part) {
    return [...this.#handedOut.get(part)].sort();
  }

  /** Where a part finds a module of another: in which part, and which names are called otherwise there. */
  placeOf(module, part) {
    if (!this.#isElsewhere(module, part)) return undefined;
    const home = this.#parts.get(module);
    const called = this.#handedOut.get(home).get(module);
    const renamed = WHOLE.has(home) ? [...called].filter(([name, there]) => name !== there) : [];
    return { home, renamed };
  }

  /** Of each name of the front door: the part that has it, and what it is called there. */
  frontDoor() {
    const places = [...modulesOfFrontDoor()].sort().map(([name, module]) => {
      const part = this.#parts.get(module);
      if (!WHOLE.has(part)) throw new Error(`${name}: the part ${part} does not hand out names`);
      return { name, part, there: this.#handedOut.get(part).get(module).get(name) };
    });
    const named = places.map(({ name }) => name).join();
    if (named !== exportsOf(DOORS_OF[FRONT].index).sort().join()) throw new Error(`not all names: ${named}`);
    return places;
  }
}

module.exports = {
  CORE,
  DOORS_OF,
  FRONT,
  NEEDED,
  PROGRAMS,
  PROGRAMS_PART,
  Plan,
  ROOT,
  WHOLE,
  WIRE,
  importedModule,
  keyOf,
  moduleAt,
  namesImportedBy,
};
