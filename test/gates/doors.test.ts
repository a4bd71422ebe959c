// SPDX-License-Identifier: Apache-2.0
// What each door of the built package loads, asked in a fresh process. Needs the build, which `npm test` makes first.

import { readText, runNode } from "./repository.js";

/** Too heavy for who does not need it; the last ones are ours, which stand in files of their own before they are bundled. */
const HEAVY = [
  "@grpc/grpc-js",
  "google-auth-library",
  "google-gax",
  "node_modules/protobufjs",
  "@opentelemetry",
  "build/src/emulator",
  "build/src/rpc/transport/grpc-js",
  "build/src/iam-admin",
  "build/src/impersonation",
  "build/src/verification",
];

/** Runs a script (which may await) and tells which heavy things it has loaded, in the order of HEAVY. */
async function heavyThingsLoadedBy(script: string): Promise<string[]> {
  const packages = HEAVY.filter((thing) => !thing.startsWith("build/"));
  const loaded = await heavyAmong(HEAVY, `${UNBUNDLED} ${script}`);
  // What ships is as lazy as what it is made of, or lazier.
  expect(loaded).toEqual(expect.arrayContaining(await heavyAmong(packages, script)));
  return loaded;
}

/** Sends the doors to the modules that their parts are made of. */
const UNBUNDLED = `{
  const { Module } = require("node:module");
  const { exports } = require("iam-credentials-client/package.json");
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (name, ...rest) => {
    const door = name.startsWith("iam-credentials-client") ? exports[name.replace("iam-credentials-client", ".")]?.types : undefined;
    return resolve(door === undefined ? name : require("node:path").resolve(door.replace(/[.]d[.]ts$/, ".js")), ...rest);
  };
}`;

async function heavyAmong(things: readonly string[], script: string): Promise<string[]> {
  const report = "process.stdout.write(JSON.stringify(Object.keys(require.cache)))";
  const text = `(async () => { ${script} })().then(() => { ${report} })`;
  const env = { IAM_CREDENTIALS_EMULATOR_HOST: undefined, GOOGLE_APPLICATION_CREDENTIALS: undefined };
  const { exitCode, stdout, stderr } = await runNode(["-e", text], { env });
  expect([exitCode, stderr]).toEqual([0, ""]);
  const loaded: string[] = JSON.parse(stdout);
  expect(loaded.length).toBeGreaterThan(0);
  return things.filter((thing) => loaded.some((path) => path.replaceAll("\\", "/").includes(`/${thing}/`)));
}

const CLIENT = 'const { IAMCredentialsAsyncClient } = require("iam-credentials-client");';
const CREDENTIALS = 'credentials: { getRequestMetadata: () => ({ authorization: "Bearer x" }) }';
const NAME = 'name: "a@b.iam.gserviceaccount.com"';

describe("the front door", () => {
  it("loads nothing heavy", async () => {
    expect(await heavyThingsLoadedBy('require("iam-credentials-client");')).toEqual([]);
  });

  it("opens to a client with a transport of its own, and its calls, without loading grpc-js", async () => {
    const transport = `{ kind: "own", host: "h:1", close: async () => {}, unary: async () => ({ token: "t" }) }`;
    const script = `${CLIENT}
      const client = new IAMCredentialsAsyncClient({ transport: () => (${transport}), ${CREDENTIALS} });
      const { token } = await client.generateIdToken({ ${NAME}, audience: "a" });
      if (token !== "t") throw new Error(token);
      await client.close();`;
    expect(await heavyThingsLoadedBy(script)).toEqual([]);
  });

  it("opens to a client with application default credentials without loading google-auth-library before a call", async () => {
    const script = `${CLIENT} await new IAMCredentialsAsyncClient().close();`;
    expect(await heavyThingsLoadedBy(script)).toEqual([]);
  });

  it("opens to gRPC calls with given credentials without loading grpc-js or google-auth-library", async () => {
    const script = `${CLIENT}
      const server = require("node:net").createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const apiEndpoint = "127.0.0.1:" + server.address().port;
      const client = new IAMCredentialsAsyncClient({ apiEndpoint, insecure: true, ${CREDENTIALS} });
      const error = await client.generateIdToken({ ${NAME}, audience: "a" }, { retry: false }).catch((error) => error);
      if (error.status !== "UNAVAILABLE") throw error;
      await client.close();
      server.close();`;
    expect(await heavyThingsLoadedBy(script)).toEqual([]);
  });

  it("loads grpc-js when it is asked for by its label", async () => {
    const script = `${CLIENT}
      await new IAMCredentialsAsyncClient({ transport: "grpc-js", ${CREDENTIALS} }).close();`;
    expect(await heavyThingsLoadedBy(script)).toEqual(["@grpc/grpc-js", "build/src/rpc/transport/grpc-js"]);
  });
});

describe("OpenTelemetry", () => {
  const call = `${CLIENT}
    const transport = { kind: "own", host: "h:1", close: async () => {}, unary: async () => ({ token: "t" }) };
    const client = new IAMCredentialsAsyncClient({ transport: () => transport, ${CREDENTIALS} });
    await client.generateIdToken({ ${NAME}, audience: "a" });
    await client.close();`;
  // Where the package keeps what a program has set up.
  const setUp = 'globalThis[Symbol.for("opentelemetry.js.api.1")] = { version: "1.9.0" };';

  it("is not loaded by a call of a program that has not set it up", async () => {
    expect(await heavyThingsLoadedBy(call)).toEqual([]);
  });

  it("is not loaded by a call of a program that has, either: what the program has set up is used as it is", async () => {
    expect(await heavyThingsLoadedBy(`${setUp} ${call}`)).toEqual([]);
  });

  it("is not missed where it is not installed", async () => {
    const hide = `const { Module } = require("node:module");
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (name, ...rest) => {
        if (name.startsWith("@opentelemetry/")) throw Object.assign(new Error(name), { code: "MODULE_NOT_FOUND" });
        return resolve(name, ...rest);
      };`;
    expect(await heavyThingsLoadedBy(`${hide} ${setUp} ${call}`)).toEqual([]);
  });
});

describe("the names that the front door loads on demand", () => {
  it("load what stands behind them when they are read, and neither grpc-js nor google-auth-library", async () => {
    const read = (name: string) => heavyThingsLoadedBy(`require("iam-credentials-client").${name}.name;`);
    expect(await read("ImpersonatedCredentials")).toEqual(["build/src/impersonation"]);
    expect(await read("Signer")).toEqual(["build/src/impersonation"]);
    expect(await read("verifyJwt")).toEqual(["build/src/verification"]);
    expect(await read("ComputeEngineCredentials")).toEqual([]);
  });

  it("are seen by a named import of an ES module, each as itself", async () => {
    const names =
      "ComputeEngineCredentials, ComputeEngineIdTokenCredentials, ImpersonatedCredentials, ImpersonatedIdTokenCredentials, Signer, Verifier, verifyBlob, verifyIdToken, verifyJwt";
    const script = `import { ${names} } from "iam-credentials-client";
      process.stdout.write([${names}].map(({ name }) => name).join(", "));`;
    const { stdout, stderr } = await runNode(["--input-type=module", "-e", script]);
    expect([stdout, stderr]).toEqual([names, ""]);
  });
});

describe("the door of diagnosis", () => {
  it("loads nothing heavy but the admin client, which it calls", async () => {
    expect(await heavyThingsLoadedBy('require("iam-credentials-client/diagnose");')).toEqual(["build/src/iam-admin"]);
  });
});

describe("the door of the admin API", () => {
  it("loads nothing heavy, and nothing of the other service", async () => {
    const script = `require("iam-credentials-client/admin");
      if (Object.keys(require.cache).some((path) => path.includes("iam-credentials/client"))) throw new Error("it is there");`;
    expect(await heavyThingsLoadedBy(script)).toEqual(["build/src/iam-admin"]);
  });

  it("opens to calls over REST without loading grpc-js", async () => {
    const script = `const { IAMAsyncClient } = require("iam-credentials-client/admin");
      const client = new IAMAsyncClient({ transport: "rest", apiEndpoint: "127.0.0.1:1", insecure: true, ${CREDENTIALS} });
      const error = await client.getServiceAccount({ ${NAME} }, { retry: false }).catch((error) => error);
      if (error.status !== "UNAVAILABLE") throw error;
      await client.close();`;
    expect(await heavyThingsLoadedBy(script)).toEqual(["build/src/iam-admin"]);
  });

  it("has the same classes behind it as the front door", async () => {
    const script = `const { IAMAsyncClient } = require("iam-credentials-client/admin");
      const { RequestError } = require("iam-credentials-client");
      try { new IAMAsyncClient({ apiKey: "k" }).listServiceAccounts({}); } catch (error) {
        process.stdout.write(String(error instanceof RequestError)); process.exit();
      }`;
    expect((await runNode(["-e", script])).stdout).toBe("true");
  });
});

describe("the door of the emulator", () => {
  it("loads the server's grpc-js and no client", async () => {
    expect(await heavyThingsLoadedBy('require("iam-credentials-client/emulator");')).toEqual([
      "@grpc/grpc-js",
      "build/src/emulator",
    ]);
  });
});

describe("the program iamcreds", () => {
  async function loadedBy(...args: readonly string[]): Promise<[exitCode: number, modules: string[]]> {
    const script = `process.argv.splice(1, 0, "iamcreds");
      process.once("exit", () => process.stderr.write("\\n" + JSON.stringify(Object.keys(require.cache))));
      require("./build/src/cli/main.js");`;
    const { exitCode, stderr } = await runNode(["-e", script, "--", ...args]);
    return [exitCode, JSON.parse(stderr.slice(stderr.lastIndexOf("\n["))) as string[]]; // as: what the script wrote
  }
  const isOfCli = (path: string) =>
    /build.src.(cli.|base.(version|clock|abort|environment|secrets.secret-text)[.]js$)/.test(path);

  it("answers --help, --version and mistakes by its own few files alone", async () => {
    const [exitCode, modules] = await loadedBy("--help");
    expect([exitCode, modules.filter((path) => /cli.commands/.test(path))]).toEqual([0, []]);
    for (const [code, args] of [
      [0, ["--version"]],
      [0, ["emulator", "--help"]],
      [2, ["emulator", "--port", "x"]],
      [2, ["none"]],
      [2, []],
    ] as const) {
      const [exitCode, modules] = await loadedBy(...args);
      expect([args, exitCode, modules.filter((path) => !isOfCli(path))]).toEqual([args, code, []]);
    }
  });
});

describe("the door of the drop-in", () => {
  const door = 'const gapic = require("iam-credentials-client/gapic");';
  const grpc = ["@grpc/grpc-js", "build/src/rpc/transport/grpc-js"];

  it("loads nothing heavy, not even for a client that is made", async () => {
    expect(await heavyThingsLoadedBy(`${door} new gapic.IAMCredentialsClient();`)).toEqual([]);
  });

  it("opens to calls, and to errors of the service, without loading google-gax, protobufjs or google-auth-library", async () => {
    const script = `${door}
      const { Server, ServerCredentials, credentials } = require("@grpc/grpc-js");
      const server = new Server();
      const methods = require("./build/generated/google/iam/credentials/v1/iamcredentials.js").IAMCredentialsService;
      server.addService(methods, {
        generateIdToken: (call, answer) => answer(null, { token: "t" }),
        signJwt: (call, answer) => answer({ code: 7, details: "no" }),
      });
      const listen = (resolve, reject) =>
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => error ? reject(error) : resolve(port));
      const port = await new Promise(listen);
      const key = { client_email: "a@b", private_key: "p" };
      const channel = { apiEndpoint: "127.0.0.1", port, sslCreds: credentials.createInsecure() };
      const client = new gapic.IAMCredentialsClient({ ...channel, credentials: key });
      const [{ token }] = await client.generateIdToken({ name: "n", includeEmail: true, delegates: ["d"] });
      const error = await client.signJwt({ payload: "{}" }).catch((error) => error);
      if (token !== "t" || error.code !== 7) throw error;
      await client.close();
      server.forceShutdown();`;
    expect(await heavyThingsLoadedBy(script)).toEqual(grpc);
  });

  it("opens to calls over REST without loading grpc-js", async () => {
    const script = `${door}
      const client = new gapic.IAMCredentialsClient({
        fallback: true, protocol: "http", apiEndpoint: "127.0.0.1", port: 1,
        authClient: { universeDomain: "googleapis.com", getRequestHeaders: async () => new Headers() },
      });
      const name = "projects/-/serviceAccounts/a@b";
      const error = await client.signJwt({ name, payload: "{}" }, { retry: null }).catch((error) => error);
      if (error.code !== 14) throw error;`;
    expect(await heavyThingsLoadedBy(script)).toEqual([]);
  });

  it("opens to calls with a service-account key without loading google-auth-library", async () => {
    const script = `${door}
      const { privateKey } = require("node:crypto").generateKeyPairSync("rsa", { modulusLength: 2048 });
      const credentials = { client_email: "a@b", private_key: privateKey.export({ type: "pkcs8", format: "pem" }) };
      const client = new gapic.IAMCredentialsClient({
        credentials, fallback: true, protocol: "http", apiEndpoint: "127.0.0.1", port: 1,
      });
      const name = "projects/-/serviceAccounts/a@b";
      const error = await client.signJwt({ name, payload: "{}" }, { retry: null }).catch((error) => error);
      if (error.code !== 14) throw error;`;
    expect(await heavyThingsLoadedBy(script)).toEqual([]);
  });

  it("loads the message classes when they are touched, by either door", async () => {
    expect(await heavyThingsLoadedBy(`${door} gapic.protos;`)).toEqual([]);
    expect(await heavyThingsLoadedBy('require("iam-credentials-client/gapic/protos");')).toEqual([]);
    expect(await heavyThingsLoadedBy(`${door} gapic.protos.google;`)).toEqual(["node_modules/protobufjs"]);
    expect(await heavyThingsLoadedBy('require("iam-credentials-client/gapic/protos").google;')).toEqual([
      "node_modules/protobufjs",
    ]);
  });

  it("loads google-auth-library when somebody reads who calls", async () => {
    const script = `${door} new gapic.IAMCredentialsClient().auth;`;
    expect(await heavyThingsLoadedBy(script)).toContain("google-auth-library");
  });

  it("is open to a named import and a default import of an ES module", async () => {
    const script = `import gapic, { IAMCredentialsClient, protos, v1 } from "iam-credentials-client/gapic";
      import { google } from "iam-credentials-client/gapic/protos";
      const clients = [IAMCredentialsClient, v1.IAMCredentialsClient, gapic.IAMCredentialsClient ?? gapic.default.IAMCredentialsClient];
      const { SignBlobRequest } = protos.google.iam.credentials.v1;
      const isSame = SignBlobRequest === google.iam.credentials.v1.SignBlobRequest;
      process.stdout.write(JSON.stringify([new Set(clients).size, SignBlobRequest.name, isSame]));`;
    const { stdout, stderr } = await runNode(["--input-type=module", "-e", script]);
    expect([stdout, stderr]).toEqual(['[1,"SignBlobRequest",true]', ""]);
  });
});

describe("the door of package.json", () => {
  it("tells the version", async () => {
    const script = 'process.stdout.write(require("iam-credentials-client/package.json").version)';
    expect((await runNode(["-e", script])).stdout).toBe(JSON.parse(readText("package.json")).version);
  });
});

describe("the door of the seed's schema", () => {
  it("gives the schema that the emulator checks seeds by", async () => {
    const script = 'process.stdout.write(JSON.stringify(require("iam-credentials-client/emulator/seed.schema.json")))';
    const schema = JSON.parse((await runNode(["-e", script])).stdout);
    expect(schema).toEqual(JSON.parse(readText("build/src/emulator/seed/seed.schema.json")));
    expect([schema.type, schema.required]).toEqual(["object", ["version"]]);
  });
});

describe("the doors that package.json does not name", () => {
  it("are shut", async () => {
    const script = 'require("iam-credentials-client/build/src/rpc/call.js")';
    expect((await runNode(["-e", script])).stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });
});

describe("the search for heavy things", () => {
  it.each([
    ["google-auth-library", "google-auth-library"],
    ["google-gax", "google-gax"],
    ["node_modules/protobufjs", "protobufjs"],
  ])("finds %s when it is loaded", async (thing, name) => {
    expect(await heavyThingsLoadedBy(`require("${name}");`)).toContain(thing);
  });
});
