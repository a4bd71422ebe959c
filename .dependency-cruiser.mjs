// SPDX-License-Identifier: Apache-2.0
// The layering of src/, as rules. An import may only go down, never up and never sideways between mechanisms:
//   0 words       gax/{status errors clock abort memo timestamp claims known-fields common-resource-names version endpoint/environment}
//   1 contracts   gax/method gax/message-fields gax/{plain-messages,table-rows} gax/transport/{transport client-certificate} gax/retry/policy auth/token-provider
//   2 mechanisms  gax/retry/ gax/endpoint/ gax/transport/{grpc,rest}/ gax/metadata gax/error-details auth/   (strangers to each other)
//   3 spine       gax/{lifetime replay-buffer row-from-stub} gax/transport/registry < gax/call-options < gax/client-options < gax/call
//                 < gax/{call-stream,paging}; gax/client-session < gax/service-client < gax/client-base
//   4 services    iam-credentials/ iam-admin/
//   5 on top      impersonation/ verification/ gapic/
//   6 doors       index.ts (with on-demand.ts) iam-admin/index.ts emulator/index.ts gapic/index.ts gapic/protos.ts
//   7 program     cli/   (by the doors, loaded when a command needs them)
// emulator/ stands beside the ladder: it shares the wire types, status and version, nothing else.
// test/gates/layering.test.ts seeds a violation of every rule here and expects it to fire.

const words =
  "^src/gax/(status|errors|clock|abort|memo|timestamp|claims|known-fields|common-resource-names|version|endpoint/environment)[.]ts$";
const contracts =
  "^src/(gax/(method|message-fields|plain-messages|table-rows)|gax/transport/(transport|client-certificate)|gax/retry/policy|auth/token-provider)[.]ts$";
const doors = "^src/(index|(iam-admin|emulator|gapic)/index)[.]ts$";
// What callers write and read of a service, and the checks of it.
const said = "^src/iam-[^/]+/(requests|request-checks|responses|resources|resource-names)[.]ts$";
const implementations = "^src/gax/transport/(grpc|rest)/";
const loaded = ["import", "export", "dynamic-import"];

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
    {
      name: "words-import-nothing-above",
      comment: "The vocabulary knows no mechanism.",
      severity: "error",
      from: { path: words },
      to: { path: "^(src|generated)/", pathNot: words },
    },
    {
      name: "contracts-import-words-only",
      comment: "An interface must be readable without its implementations.",
      severity: "error",
      from: { path: contracts },
      to: { path: "^(src|generated)/", pathNot: [words, contracts] },
    },
    {
      name: "mechanisms-are-strangers",
      comment: "retry/ must not know endpoint/, and so on: call.ts and client-options.ts introduce them to each other.",
      severity: "error",
      from: { path: "^src/(gax/retry|gax/endpoint|auth)/", pathNot: contracts },
      to: { path: "^src/", pathNot: [words, contracts, "^src/$1/"] },
    },
    {
      name: "transports-are-strangers",
      comment:
        "A transport never retries, fetches tokens or reads the environment. It may decode the details of an error.",
      severity: "error",
      from: { path: "^src/gax/transport/(grpc|rest)/" },
      to: { path: "^src/", pathNot: [words, contracts, "^src/gax/error-details[.]ts$", "^src/gax/transport/$1/"] },
    },
    {
      name: "stages-are-strangers",
      comment: "metadata.ts and error-details.ts are pure stages; only the spine orders them.",
      severity: "error",
      from: { path: "^src/gax/(metadata|error-details)[.]ts$" },
      to: { path: "^src/", pathNot: [words, contracts] },
    },
    {
      name: "registry-knows-transports-only",
      comment: "From a label to a transport: no options, no credentials, no call.",
      severity: "error",
      from: { path: "^src/gax/transport/registry[.]ts$" },
      to: { path: "^src/", pathNot: [words, contracts, implementations] },
    },
    {
      name: "lifetime-knows-words-only",
      comment: "Counting calls in and out needs no call.",
      severity: "error",
      from: { path: "^src/gax/lifetime[.]ts$" },
      to: { path: "^src/", pathNot: words },
    },
    {
      name: "spine-goes-down",
      comment: "call-options below client-options below call: a plan knows no client, a client's options know no call.",
      severity: "error",
      from: { path: "^src/gax/(call|client)-options[.]ts$" },
      to: {
        path: "^src/gax/(call|call-stream|paging|client-session|client-base|service-client|replay-buffer|lifetime)[.]ts$",
      },
    },
    {
      name: "plans-know-no-client",
      comment: "What is said about one call is settled without the client, its endpoint, transport or credentials.",
      severity: "error",
      from: { path: "^src/gax/call-options[.]ts$" },
      to: {
        path: ["^src/gax/(client-options|error-details|transport/registry)[.]ts$", "^src/gax/endpoint/", "^src/auth/"],
        pathNot: contracts,
      },
    },
    {
      name: "gax-knows-no-service",
      comment: "What every client shares does not know what is built on it. auth/ is what needs no client.",
      severity: "error",
      from: { path: "^src/(gax|auth)/" },
      to: { path: "^src/", pathNot: "^src/(gax|auth|emulator)/" },
    },
    {
      name: "services-are-strangers",
      comment: "A service builds on gax/ and auth/, not on another service and not on a door.",
      severity: "error",
      from: { path: "^src/(iam-[^/]+)/" },
      to: { path: "^src/", pathNot: ["^src/(gax|auth|emulator)/", "^src/$1/"] },
    },
    {
      name: "impersonation-builds-on-the-client",
      comment: "Credentials and signers use the client and auth/: no second hand-written copy of the wire.",
      severity: "error",
      from: { path: "^src/impersonation/" },
      to: {
        path: "^src/",
        pathNot: [
          words,
          contracts,
          "^src/auth/",
          "^src/gax/client-options[.]ts$",
          "^src/iam-credentials/",
          "^src/impersonation/",
        ],
      },
    },
    {
      name: "verification-knows-no-client",
      comment: "Public keys are anyone's: verifying needs neither credentials nor a client, only an HTTP request.",
      severity: "error",
      from: { path: "^src/verification/" },
      to: { path: "^src/", pathNot: [words, "^src/auth/http-exchange[.]ts$", "^src/verification/"] },
    },
    {
      name: "gapic-builds-on-the-client",
      comment:
        "The drop-in is another face of the same road of a call: no second one, and nothing of what stands beside it.",
      severity: "error",
      from: { path: "^src/gapic/" },
      to: {
        path: "^src/",
        pathNot: [
          "^src/gapic/",
          "^src/gax/",
          "^src/iam-credentials/methods[.]ts$",
          "^src/auth/(google-auth-library|token-provider)[.]ts$",
        ],
      },
    },
    {
      name: "protobufjs-loads-lazily",
      comment:
        "A call must not pay for the message classes: generated/protobufjs/index.js and gapic/requests.ts load it when it is touched.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "node_modules/protobufjs/|^protobufjs|^generated/protobufjs/messages", dependencyTypes: loaded },
    },
    {
      name: "methods-are-a-table",
      comment: "A row is made of words, contracts and the request checks beside it. It calls nothing.",
      severity: "error",
      from: { path: "^src/iam-[^/]+/((chain/)?methods|messages)[.]ts$" },
      to: { path: "^src/", pathNot: [words, contracts, said, "^src/iam-[^/]+/messages[.]ts$"] },
    },
    {
      name: "requests-import-words-only",
      comment: "Checks of what the caller wrote are pure functions.",
      severity: "error",
      from: { path: said },
      to: { path: "^src/", pathNot: [words, said] },
    },
    {
      name: "generated-has-few-readers",
      comment: "Only a service's methods.ts, gax/error-details.ts, gapic/protos.ts and the emulator touch generated/.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: "^src/(iam-[^/]+/(chain/)?methods[.]ts$|gax/error-details[.]ts$|gapic/protos[.]ts$|emulator/)",
      },
      to: { path: "^generated/" },
    },
    {
      name: "generated-imports-generated",
      comment: "Nothing hand-written lives in, or is called from, generated/.",
      severity: "error",
      from: { path: "^generated/" },
      to: { path: "^(src|test)/" },
    },
    {
      name: "only-the-registry-names-a-transport",
      comment: "One file turns a label into an implementation, lazily.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/gax/transport/(registry[.]ts$|grpc/|rest/)" },
      to: { path: implementations },
    },
    {
      name: "registry-loads-lazily",
      comment:
        "Who brings a transport must not pay for grpc-js: require() inside a function. test/gates/doors.test.ts looks.",
      severity: "error",
      from: { path: "^src/gax/transport/registry[.]ts$" },
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
      to: { path: "^src/", pathNot: ["^src/emulator/", "^src/gax/(status|version)[.]ts$"] },
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
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { path: doors },
    },
    {
      name: "cli-enters-by-the-doors",
      comment: "The program can do what any program can, and nothing that the doors don't offer. It tells the version.",
      severity: "error",
      from: { path: "^src/cli/" },
      to: { path: "^(src|generated)/", pathNot: [doors, "^src/gax/version[.]ts$", "^src/cli/"] },
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
          "^src/gax/transport/grpc/",
          "^src/emulator/",
          "^src/gax/client-options[.]ts$",
          "^src/gapic/channel-library[.]ts$",
        ],
      },
      to: { path: "@grpc/grpc-js" },
    },
    {
      name: "options-name-grpc-js-as-a-type",
      comment: "The option `channel` takes a channel of grpc-js: client-options.ts names its type and never loads it.",
      severity: "error",
      from: { path: "^src/gax/client-options[.]ts$" },
      to: { path: "@grpc/grpc-js", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "grpc-js-loads-lazily",
      comment: "The drop-in over REST must not pay for it: require() inside a function.",
      severity: "error",
      from: { path: "^src/gapic/channel-library[.]ts$" },
      to: { path: "@grpc/grpc-js", dependencyTypes: loaded, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "undici-behind-one-file",
      comment: "fetch does without it; only an agent for certificates and proxies needs it, and loads it lazily.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/gax/transport/rest/http-agent[.]ts$" },
      to: { path: "node_modules/undici/|^undici" },
    },
    {
      name: "undici-loads-lazily",
      comment: "REST without certificates or proxy must not pay for it: require() inside a function.",
      severity: "error",
      from: { path: "^src/gax/transport/rest/http-agent[.]ts$" },
      to: { path: "node_modules/undici/|^undici", dependencyTypes: loaded, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "google-auth-library-behind-few-files",
      comment:
        "Clients of the library are taken by shape; it is needed for application default credentials, for logins of other types, and for its gaxios.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: "^src/(auth/(application-default|authorized-request|credentials-info)|gapic/auth-library)[.]ts$",
      },
      to: { path: "node_modules/google-auth-library/|^google-auth-library" },
    },
    {
      name: "google-auth-library-loads-lazily",
      comment: "Whoever gives credentials must not pay for it: require() inside a function.",
      severity: "error",
      from: { path: "^src/(auth/(application-default|authorized-request|credentials-info)|gapic/auth-library)[.]ts$" },
      to: {
        path: "node_modules/google-auth-library/|^google-auth-library",
        dependencyTypes: loaded,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "opentelemetry-behind-one-file",
      comment: "An optional peer: whoever does not install it must not miss it.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/gax/telemetry[.]ts$" },
      to: { path: "node_modules/@opentelemetry/|^@opentelemetry/" },
    },
    {
      name: "opentelemetry-loads-lazily",
      comment: "It is loaded when a program has set it up: require() inside a function.",
      severity: "error",
      from: { path: "^src/gax/telemetry[.]ts$" },
      to: {
        path: "node_modules/@opentelemetry/|^@opentelemetry/",
        dependencyTypes: loaded,
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
          "^src/(auth/(agent-identity|application-default|http-exchange|metadata-server-detection|metadata-server-tls|service-account)[.]ts$|gax/endpoint/(machine-certificate|secure-connect)[.]ts$|gax/transport/(grpc|rest)/|iam-admin/keys/key-file[.]ts$|emulator/|cli/commands/)",
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
      comment: "What need not be installed is named as a type; emulator/world/runtime/optional-peer.ts loads it where it is needed.",
      severity: "error",
      from: { path: "^src/" },
      to: {
        path: "node_modules/(@bufbuild/cel|@grpc/reflection|grpc-health-check)/",
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
