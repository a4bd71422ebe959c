// SPDX-License-Identifier: Apache-2.0
// The layering of src/, as rules. A layer is a folder; an import goes down, never up, and never sideways between services:
//   cli > doors > diagnosis > gapic, impersonation > iam-credentials, iam-admin, … > access-policy, client > rpc > messages > base;
//   client > auth > base;  verification > base.
// emulator/ stands beside the ladder: it shares the wire types and tables, status, version and how options are declared, nothing else.
// test/gates/layering.test.ts seeds a violation of every rule here and expects it to fire.

/** For each layer, the layers below it. */
const BELOW = {
  base: [],
  messages: ["base"],
  auth: ["base"],
  verification: ["base"],
  rpc: ["messages", "base"],
  client: ["rpc", "messages", "auth", "base"],
  "access-policy": ["rpc", "messages", "base"],
  "iam-credentials": ["client", "rpc", "messages", "auth", "base"],
  "iam-admin": ["access-policy", "client", "rpc", "messages", "auth", "base"],
  "resource-manager": ["access-policy", "client", "rpc", "messages", "auth", "base"],
  "service-usage": ["client", "rpc", "messages", "auth", "base"],
  impersonation: ["iam-credentials", "client", "messages", "auth", "base"],
  gapic: ["iam-credentials", "client", "rpc", "messages", "auth", "base"],
  diagnosis: [
    ...["iam-credentials", "iam-admin", "resource-manager", "service-usage", "access-policy"],
    ...["client", "rpc", "messages", "auth", "base"],
  ],
};
const doors =
  "^src/(index|google-auth-library|grpc-js|(iam-admin|resource-manager|service-usage|diagnosis|emulator|gapic)/index)[.]ts$";
const service = "(iam-credentials|iam-admin|resource-manager|service-usage)";
// What callers write and read of a service, and the checks of it.
const said = [
  `^src/${service}/(requests|request-checks|responses|resources|resource-names|service-names)[.]ts$`,
  "^src/iam-admin/keys/service-account-key[.]ts$",
  "^src/access-policy/policy-(message|checks)[.]ts$",
];
const implementations = "^src/rpc/transport/(grpc|grpc-js|http2|rest)/";
const loaded = ["import", "export", "dynamic-import"];
// The types of what is generated: whose they are they do not say, and they run nothing.
const tables = "^src/messages/tables[.]ts$";
// Who may do what along a chain is asked of two services.
const chains = "^src/iam-admin/chain/";

/** A layer imports itself and what lies below it. */
const layers = Object.entries(BELOW).map(([layer, below]) => ({
  name: `${layer}-imports-what-is-below`,
  comment: `Below ${layer}/ lies ${below.join(", ") || "nothing"}.`,
  severity: "error",
  from: { path: `^src/${layer}/`, pathNot: chains },
  to: { path: "^src/", pathNot: [`^src/(${[layer, ...below].join("|")})/`, doors] }, // doors have a rule of their own
}));

/** @type {import('dependency-cruiser').IConfiguration} */
// biome-ignore lint/style/noDefaultExport: dependency-cruiser reads nothing else.
export default {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Every import goes down, so none can come back. Type-only imports count.",
      severity: "error",
      from: { path: "^src/" },
      to: { circular: true },
    },
    ...layers,
    {
      name: "chains-know-two-services",
      comment: "The service that grants, and the rows of the one that mints and signs.",
      severity: "error",
      from: { path: chains },
      to: {
        path: "^src/",
        pathNot: `^src/(${["iam-admin", ...BELOW["iam-admin"]].join("|")})/|^src/iam-credentials/methods[.]ts$`,
      },
    },
    {
      name: "contracts-know-no-implementation",
      comment: "An interface must be readable without what implements it.",
      severity: "error",
      from: { path: "^src/rpc/(method/method|call-runtime|transport/transport)[.]ts$" },
      to: {
        path: "^src/rpc/(retry/(?!policy)|transport/(?!transport[.])|transport-registry[.]|call[.]|call-stream[.]|metadata[.])",
      },
    },
    {
      name: "transports-are-strangers",
      comment: "A transport never retries, fetches tokens or reads the environment, and knows no other transport.",
      severity: "error",
      from: { path: "^src/rpc/transport/(grpc-js|rest)/" },
      to: {
        path: ["^src/rpc/", "^src/base/(environment|logging|telemetry)[.]ts$"],
        pathNot: ["^src/rpc/method/method[.]ts$", "^src/rpc/transport/[^/]+[.]ts$", "^src/rpc/transport/$1/"],
      },
    },
    {
      name: "grpc-stands-on-http2",
      comment:
        "The transport on HTTP/2 of our own knows that and no other transport; what it logs is of its connections.",
      severity: "error",
      from: { path: "^src/rpc/transport/grpc/" },
      to: {
        path: ["^src/rpc/", "^src/base/(environment|telemetry)[.]ts$"],
        pathNot: ["^src/rpc/method/method[.]ts$", "^src/rpc/transport/[^/]+[.]ts$", "^src/rpc/transport/(grpc|http2)/"],
      },
    },
    {
      name: "http2-knows-no-grpc",
      comment:
        "Frames, header fields and windows over any stream of bytes: time and sets are all that they need of others.",
      severity: "error",
      from: { path: "^src/rpc/transport/http2/" },
      to: { path: "^src/", pathNot: ["^src/base/(clock[.]ts$|collections/)", "^src/rpc/transport/http2/"] },
    },
    {
      name: "retry-knows-no-call",
      comment: "Attempts, delays and deadlines: call.ts says what an attempt does.",
      severity: "error",
      from: { path: "^src/rpc/retry/" },
      to: { path: "^src/", pathNot: "^src/(base|rpc/retry)/" },
    },
    {
      name: "endpoint-knows-no-client",
      comment: "Where a client calls is settled without its credentials, its transport or a call.",
      severity: "error",
      from: { path: "^src/client/endpoint/" },
      to: { path: "^src/", pathNot: "^src/(base|client/endpoint)/" },
    },
    {
      name: "protobufjs-loads-lazily",
      comment:
        "A call must not pay for the message classes: generated/protobufjs/index.js and gapic/rows/requests.ts load it when it is touched.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "node_modules/protobufjs/|^protobufjs|^generated/protobufjs/messages", dependencyTypes: loaded },
    },
    {
      name: "methods-are-a-table",
      comment: "A row is made of a generated row, checks and the retry policy. It calls nothing.",
      severity: "error",
      from: { path: `^src/${service}/methods[.]ts$` },
      to: {
        path: "^src/",
        pathNot: ["^src/(base|messages)/", "^src/rpc/(method/(method|row-from-stub)|retry/policy)[.]ts$", ...said],
      },
    },
    {
      name: "steps-know-no-step",
      comment:
        "A row of a diagnosis stands by itself: what several need is beside the folder. The list alone knows them.",
      severity: "error",
      from: { path: "^src/diagnosis/steps/", pathNot: "^src/diagnosis/steps/steps[.]ts$" },
      to: { path: "^src/diagnosis/steps/" },
    },
    {
      name: "the-runner-knows-no-step",
      comment: "It takes the rows from the list.",
      severity: "error",
      from: { path: "^src/diagnosis/(?!steps/)" },
      to: { path: "^src/diagnosis/steps/", pathNot: "^src/diagnosis/steps/steps[.]ts$" },
    },
    {
      name: "causes-are-a-table",
      comment: "What an error means follows from what it says: nothing else of the package is needed for it.",
      severity: "error",
      from: { path: "^src/base/causes/" },
      to: { path: "^src/", pathNot: "^src/base/causes/" },
    },
    {
      name: "requests-are-checks-only",
      comment: "Checks of what the caller wrote are pure functions.",
      severity: "error",
      from: { path: said },
      to: {
        path: "^src/",
        pathNot: [
          "^src/base/",
          "^src/messages/(claims|field-checks|plain-messages)[.]ts$",
          "^src/client/common-resource-names[.]ts$",
          ...said,
        ],
      },
    },
    {
      name: "generated-has-few-readers",
      comment:
        "Only the rows of a service, the decoders of google.rpc's details, the drop-in's message classes and the emulator touch generated/.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: `^src/(${service}/methods|messages/error-details|rpc/transport/rest/rest-status|gapic/(rows/rows|call/call-error|protos))[.]ts$|^src/emulator/`,
      },
      to: { path: "^generated/" },
    },
    {
      name: "generated-imports-generated",
      comment:
        "Nothing hand-written lives in, or is called from, generated/; the types of its tables stand in one file.",
      severity: "error",
      from: { path: "^generated/" },
      to: { path: "^(src|test)/", pathNot: tables },
    },
    {
      name: "only-the-registry-names-a-transport",
      comment: "One file turns a label into an implementation, lazily.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: "^src/(grpc-js|rpc/transport-registry)[.]ts$|^src/rpc/transport/(grpc|grpc-js|http2|rest)/",
      },
      to: { path: implementations },
    },
    {
      name: "registry-loads-lazily",
      comment:
        "Who brings a transport must not pay for grpc-js: require() inside a function. test/gates/doors.test.ts looks.",
      severity: "error",
      from: { path: "^src/rpc/transport-registry[.]ts$" },
      to: { path: implementations, dependencyTypes: loaded, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "lazy-means-require",
      comment:
        "tsc keeps import(), and it fails in a user's CommonJS Jest. Our own suite would hide that: swc rewrites it.",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["dynamic-import"] },
    },
    {
      name: "emulator-shares-no-client-code",
      comment: "An oracle that shares code with its subject agrees with its bugs.",
      severity: "error",
      from: { path: "^src/emulator/" },
      to: {
        path: "^src/",
        pathNot: [
          "^src/(emulator|metadata-protocol)/",
          "^src/base/(version|causes/status|options/(declaration|checks))[.]ts$",
          tables,
        ],
      },
    },
    {
      name: "emulator-rooms-know-no-hall",
      comment: "index.ts, emulator.ts and options.ts put the rooms together; no room looks back at them.",
      severity: "error",
      from: { path: "^src/emulator/[^/]+/" },
      to: { path: "^src/emulator/[^/]+[.]ts$" },
    },
    {
      name: "emulator-rooms-go-down",
      comment: "protocols > services > world, and beside them ports > x509 and protocols > controls > seed > world.",
      severity: "error",
      from: { path: "^src/emulator/(services|seed|world|x509)/" },
      to: {
        path: "^src/emulator/(?!$1/)[^/]+/",
        pathNot: "^src/emulator/(world|x509|files)/",
      },
    },
    {
      name: "emulator-controls-know-no-service",
      comment: "What sets the stage is no call: it stands on the world and on seeds.",
      severity: "error",
      from: { path: "^src/emulator/controls/" },
      to: { path: "^src/emulator/", pathNot: "^src/emulator/(controls|seed|world)/" },
    },
    {
      name: "emulator-world-is-below",
      comment: "The world knows no service, no protocol and no port; certificates of keys are made for it.",
      severity: "error",
      from: { path: "^src/emulator/(world|x509|files)/" },
      to: { path: "^src/emulator/", pathNot: "^src/emulator/($1|x509|files)/" },
    },
    {
      name: "emulator-ports-know-no-protocol",
      comment: "A port hands sockets over and does not know to whom.",
      severity: "error",
      from: { path: "^src/emulator/ports/" },
      to: {
        path: "^src/emulator/",
        pathNot: ["^src/emulator/(ports|x509)/", "^src/emulator/world/names/"],
      },
    },
    {
      name: "emulator-protocols-know-no-port",
      comment: "Connections are handed in.",
      severity: "error",
      from: { path: "^src/emulator/protocols/" },
      to: { path: "^src/emulator/ports/" },
    },
    {
      name: "emulator-world-in-parts",
      comment: "A part of the world does not know the whole: world.ts puts the parts together.",
      severity: "error",
      from: { path: "^src/emulator/world/[^/]+/" },
      to: { path: "^src/emulator/world/[^/]+[.]ts$" },
    },
    {
      name: "emulator-services-are-strangers",
      comment: "A service stands on services/method/ and the world, not on another service.",
      severity: "error",
      from: { path: "^src/emulator/services/(iam-[^/]+|resource-manager|service-usage)/" },
      to: { path: "^src/emulator/services/", pathNot: "^src/emulator/services/($1|method)/" },
    },
    {
      name: "emulator-protocols-are-strangers",
      comment: "A protocol makes operations and stands on road/ (and http/), not on another protocol.",
      severity: "error",
      from: { path: "^src/emulator/protocols/([^/]+)/" },
      to: { path: "^src/emulator/protocols/", pathNot: "^src/emulator/protocols/($1|road|http)/" },
    },
    {
      name: "emulator-road-knows-no-protocol",
      comment: "The road is the same for every protocol.",
      severity: "error",
      from: { path: "^src/emulator/protocols/road/" },
      to: { path: "^src/emulator/protocols/", pathNot: "^src/emulator/protocols/road/" },
    },
    {
      name: "metadata-protocol-is-neutral",
      comment: "Words and forms that the emulator and `iamcreds serve` share belong to neither.",
      severity: "error",
      from: { path: "^src/metadata-protocol/" },
      to: { path: "^(src|generated)/", pathNot: "^src/metadata-protocol/" },
    },
    {
      name: "nothing-imports-the-emulator",
      comment: "No client drags a server along.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(emulator|cli)/" },
      to: { path: "^src/emulator/" },
    },
    {
      name: "nothing-imports-a-door",
      comment: "Doors are for programs outside, and ours; an import of one from inside goes up.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(cli/|gapic/stub/channel-library[.]ts$)" },
      to: { path: doors },
    },
    {
      name: "cli-enters-by-the-doors",
      comment:
        "The program can do what any program can, and nothing that the doors don't offer. It tells the version and the time, reads variables, and masks secrets.",
      severity: "error",
      from: { path: "^src/cli/" },
      to: {
        path: "^(src|generated)/",
        pathNot: [
          doors,
          "^src/base/(version|clock|environment|secrets/secret-text)[.]ts$",
          "^src/(cli|metadata-protocol)/",
        ],
      },
    },
    {
      name: "cli-loads-lazily",
      comment: "--help and a mistake in the arguments are answered at once: a door is required inside a function.",
      severity: "error",
      from: { path: "^src/cli/" },
      to: { path: doors, dependencyTypes: loaded, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "commands-load-lazily",
      comment: "A command does not pay for the others.",
      severity: "error",
      from: { path: "^src/cli/", pathNot: "^src/cli/commands/" },
      to: { path: "^src/cli/commands/", dependencyTypes: loaded, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "nothing-imports-the-cli",
      comment: "A program is on top of everything.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "grpc-js-behind-one-folder",
      comment: "The transport and the emulator's server. client-options.ts has the rule below.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: [
          "^src/rpc/transport/grpc-js/",
          "^src/emulator/",
          "^src/client/client-options[.]ts$",
          "^src/gapic/stub/channel-library[.]ts$",
        ],
      },
      to: { path: "@grpc/grpc-js" },
    },
    {
      name: "options-name-grpc-js-as-a-type",
      comment: "The option `channel` takes a channel of grpc-js: client-options.ts names its type and never loads it.",
      severity: "error",
      from: { path: "^src/client/client-options[.]ts$" },
      to: { path: "@grpc/grpc-js", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "grpc-js-loads-lazily",
      comment: "The drop-in over REST must not pay for it: require() inside a function.",
      severity: "error",
      from: { path: "^src/gapic/stub/channel-library[.]ts$" },
      to: { path: "@grpc/grpc-js", dependencyTypes: loaded, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "google-auth-library-behind-few-files",
      comment: "Clients of the library are taken by shape; one file loads it, so that it logs no secret.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: "^src/(google-auth-library|auth/google-library/google-library|gapic/stub/auth-library)[.]ts$",
      },
      to: { path: "node_modules/google-auth-library/|^google-auth-library" },
    },
    {
      name: "google-auth-library-loads-lazily",
      comment: "Whoever gives credentials must not pay for it: require() inside a function.",
      severity: "error",
      from: { path: "^src/(google-auth-library|auth/google-library/google-library|gapic/stub/auth-library)[.]ts$" },
      to: {
        path: "node_modules/google-auth-library/|^google-auth-library",
        dependencyTypes: loaded,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "opentelemetry-as-a-type",
      comment: "What a program has set up is used where it is; the package need not be installed.",
      severity: "error",
      from: { path: "^src/" },
      to: {
        path: "node_modules/@opentelemetry/|^@opentelemetry/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "effects-at-the-edges",
      comment: "Files, processes and sockets only where a file exists for them.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot:
          "^src/(base/(http/|socket/|certificate/(machine-certificate|secure-connect)[.]ts$)|auth/(application-default|files/credentials-file|google-library/executable-source|metadata-server/[^/]+)[.]ts$|client/endpoint/grpc-trust[.]ts$|rpc/transport/|iam-admin/keys/secret-file[.]ts$|emulator/|cli/((commands|source|session|cache)/|host/(given-file|local-process)[.]ts$))",
      },
      to: {
        dependencyTypes: ["core"],
        path: "^(node:)?(fs|fs/promises|child_process|dgram|dns|http|http2|https|net|tls|os|process|worker_threads)$",
      },
    },
    {
      name: "tests-above-unit-enter-by-the-doors",
      comment: "Only test/unit and test/property may reach inside.",
      severity: "error",
      from: { path: "^test/(integration|conformance|fault|types|package|examples|bench|gates)/" },
      to: { path: "^src/", pathNot: doors },
    },
    {
      name: "src-never-imports-test",
      comment: "What ships does not know how it is tested.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^test/" },
    },
    {
      name: "declared-dependencies-only",
      comment:
        "A development dependency is not there when the package is installed. Optional peers have a rule of their own.",
      severity: "error",
      from: { path: "^(src|generated)/" },
      // A peer is a development dependency besides, for the tests.
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "unknown"],
        dependencyTypesNot: ["npm-peer"],
      },
    },
    {
      name: "optional-peers-as-types",
      comment:
        "What need not be installed is named as a type; emulator/world/runtime/optional-peer.ts loads it where it is needed.",
      severity: "error",
      from: { path: "^src/" },
      to: {
        path: "node_modules/(@bufbuild/cel|grpc-health-check)/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "not-unresolvable",
      comment: "The package's own name resolves only after a build, which layering does not need.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^iam-credentials-client(/|$)" },
    },
    {
      name: "no-orphans",
      comment: "A file that nothing imports is no part of the package.",
      severity: "error",
      from: { path: "^src/", orphan: true },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true, // type-only imports are imports too
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: ["node_modules", "^build/"] },
    exclude: { path: "^test/package/consumers/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".js"],
    },
  },
};
