// SPDX-License-Identifier: Apache-2.0
// Stagings of the machine and the network: a clock that is wrong, a proxy that refuses, a port where nothing listens.

import { connect, createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type DiagnoseOptions, type Diagnosis, diagnose } from "../../src/diagnosis/index.js";
import { startEmulator } from "../../src/emulator/index.js";
import type { Clock } from "../../src/index.js";
import { createCertificateAuthority } from "../support/certificate-authority.js";
import { clockOff } from "../support/clock-off.js";
import { startConnectProxy } from "../support/connect-proxy.js";
import {
  allow,
  type BareMachine,
  causesOf,
  commandsOf,
  diagnoseAsDana,
  openBareMachine,
  readable,
} from "../support/diagnosis-stage.js";
import { DANA, type GrantStage, openGrantStage, ROBOT } from "../support/grant-stage.js";
import { rejectionOf } from "../support/rejection-of.js";

const stateOf = ({ findings }: Diagnosis, id: string) =>
  findings.filter((each) => each.id === id).map(({ state }) => state);

let machine: BareMachine;
beforeEach(() => {
  machine = openBareMachine();
});
afterEach(() => machine.close());

describe("of a machine", () => {
  let stage: GrantStage;
  beforeEach(async () => {
    stage = await openGrantStage("grpc");
    allow(stage, DANA, ROBOT);
  });
  afterEach(() => stage[Symbol.asyncDispose]());
  test.each([
    [-120_000, ["clock-wrong"], /^1(19|20|21) s behind the server's$/],
    [120_000, ["clock-wrong"], /^1(19|20|21) s ahead of the server's$/],
    [30_000, ["clock-wrong?"], /^(29|30|31) s ahead of the server's$/],
    [0, [], /^[0-9] s /],
  ])("a clock that is %i ms off is told by the Date of an answer", async (ms, causes, told) => {
    const clientOptions = { ...stage.emulator.clientOptions(DANA), clock: clockOff(ms) };
    const found = await diagnose({ target: ROBOT, caller: DANA, clientOptions });
    expect(causesOf(found)).toEqual(causes);
    expect(commandsOf(found)).toEqual(causes.map(() => "timedatectl set-ntp true"));
    expect(found.findings[0]?.evidence.join()).toMatch(told);
    expect(found.state).toBe(causes[0] === "clock-wrong" ? "cause" : "ok");
  });

  test("an emulator's variable in production, and metadata variables that contradict each other, are named", async () => {
    Object.assign(process.env, { K_SERVICE: "shop", IAM_CREDENTIALS_EMULATOR_HOST: stage.emulator.host });
    const production = await diagnose({ target: ROBOT });
    expect(causesOf(production)).toEqual(["environment-contradictory"]);
    expect(commandsOf(production)).toEqual(["unset IAM_CREDENTIALS_EMULATOR_HOST"]);
    delete process.env["K_SERVICE"];
    process.env["GCE_METADATA_HOST"] = "127.0.0.1:1";
    expect(commandsOf(await diagnose({ target: ROBOT }))).toEqual(["unset METADATA_SERVER_DETECTION"]);
    delete process.env["GCE_METADATA_HOST"];
    expect(await diagnose({ target: ROBOT })).toMatchObject({ state: "ok", causes: [] });
  });

  describe("that waits for a grant", () => {
    let slow: GrantStage;
    beforeEach(async () => {
      slow = await openGrantStage("grpc", { ...readable, policyPropagationMs: 3_600_000 });
      await slow.admin.addBinding(ROBOT, { role: "roles/iam.serviceAccountTokenCreator", member: DANA });
    });
    afterEach(() => slow[Symbol.asyncDispose]());

    /** Waits as a diagnosis does, in no time: what it waits for is what it schedules between rows 8 and 9. */
    function wait(passes: () => number): Promise<Diagnosis> {
      let [now, isWaiting] = [0, false];
      const clock: Clock = {
        ...clockOff(0),
        now: () => now,
        schedule(ms, callback, keepsAlive) {
          if (!isWaiting || ms !== 10_000) return clockOff(0).schedule(ms, callback, keepsAlive);
          now += passes();
          setImmediate(callback);
          return () => undefined;
        },
      };
      const onFinding: DiagnoseOptions["onFinding"] = ({ id }) => {
        isWaiting = id === "accounts";
      };
      return diagnoseAsDana(slow, { wait: true, clientOptions: { clock }, onFinding });
    }

    test("ends when it is in effect, and says how long that was", async () => {
      const found = await wait(() => {
        slow.emulator.advanceClock(1_800_000);
        return 10_000;
      });
      expect(found.findings.find(({ id }) => id === "policy")?.text).toMatch(/after [12]0 s$/);
      expect(found).toMatchObject({ state: "ok", causes: [] });
    });

    test("suspects something above IAM when it has waited for seven minutes in vain", async () => {
      expect(causesOf(await wait(() => 60_000))).toEqual(["deny-policy?"]);
    });
  });

  test("nothing is sent offline, and what is not asked is not ok", async () => {
    const found = await diagnoseAsDana(stage, { offline: true });
    expect(found.causes).toEqual([]);
    expect(stateOf(found, "accounts")).toEqual(["unknown"]);
    expect(stateOf(found, "call")).toEqual(["skipped"]);
    expect(stage.emulator.calls()).toEqual([]);
  });

  test("without an account, machine and credentials are looked at and nothing is called", async () => {
    const found = await diagnoseAsDana(stage, { target: undefined });
    expect(found).toMatchObject({ state: "ok", causes: [] });
    expect(stateOf(found, "call")).toEqual(["skipped"]);
  });

  test("an error that was given is explained, and is past when the call works now", async () => {
    const error =
      "PERMISSION_DENIED: Request had insufficient authentication scopes. reason: ACCESS_TOKEN_SCOPE_INSUFFICIENT";
    const past = await diagnoseAsDana(stage, { error });
    expect(causesOf(past)).toEqual(["scope-insufficient?"]);
    expect(past.state).toBe("ok");
    const alone = await diagnoseAsDana(stage, { error, offline: true });
    expect(causesOf(alone)).toEqual(["scope-insufficient"]);
    expect(alone.state).toBe("cause");
    const network = await diagnoseAsDana(stage, {
      error: "Error: getaddrinfo ENOTFOUND x code: 'ENOTFOUND'",
      offline: true,
    });
    expect(causesOf(network)).toEqual(["host-unresolved"]);
  });

  test("the signal ends it with its own reason, and options that are wrong are refused by name", async () => {
    const reason = new Error("enough");
    expect(await rejectionOf(diagnoseAsDana(stage, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    for (const [options, problem] of [
      [{ targte: ROBOT }, "targte: no such option"],
      [{ caller: "dana@example.com" }, "caller: "],
      [{ timeout: 0 }, "timeout: must be a positive number of milliseconds"],
    ] as const) {
      const error = await rejectionOf(diagnose(options as DiagnoseOptions)); // as: what a program in JavaScript may do
      expect(Object(error).message).toContain(problem);
    }
  });
});

describe("of the way to the service", () => {
  const credentials = { getRequestMetadata: () => ({ authorization: "Bearer x" }) };
  const ask = (clientOptions: DiagnoseOptions["clientOptions"]) =>
    diagnose({ target: ROBOT, caller: DANA, timeout: 3_000, clientOptions: { credentials, ...clientOptions } });

  test("a port where nothing listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number }; // as: it listens on TCP
    await new Promise((resolve) => server.close(resolve));
    const found = await ask({ apiEndpoint: `127.0.0.1:${port}`, insecure: true });
    expect(causesOf(found)).toEqual(["host-unreachable"]);
    expect(stateOf(found, "chain")).toEqual(["skipped"]);
  });

  test("a name that does not exist", async () => {
    const found = await ask({ apiEndpoint: "iamcredentials.invalid:443" });
    expect(causesOf(found)).toEqual(["host-unresolved"]);
  });

  test("a certificate that nobody trusts, and the command that names its authority", async () => {
    await using emulator = await startEmulator({ tls: true, serviceAccounts: [ROBOT] });
    const found = await ask({ apiEndpoint: emulator.host });
    expect(causesOf(found)).toEqual(["certificate-untrusted"]);
    expect(commandsOf(found)).toEqual(["export NODE_EXTRA_CA_CERTS=CA_FILE"]);
    emulator.addGrant({ member: DANA, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT });
    const trusted = await diagnose({ target: ROBOT, caller: DANA, clientOptions: emulator.clientOptions(DANA) });
    expect(trusted).toMatchObject({ state: "ok", causes: [] });
  });

  test("something that does not speak HTTP/2, which REST needs not", async () => {
    await using emulator = await startEmulator({ serviceAccounts: [ROBOT] });
    emulator.addGrant({ member: DANA, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT });
    const authority = createCertificateAuthority();
    const { certificate: cert, privateKey: key } = authority.issue(["127.0.0.1"]);
    const [host = "", port] = emulator.host.split(":");
    const old = createTlsServer({ cert, key, ALPNProtocols: ["http/1.1"] }, (socket) => {
      const inner = connect(Number(port), host);
      socket.pipe(inner).pipe(socket);
      for (const each of [socket, inner]) each.on("error", () => socket.destroy());
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => old.once("listening", resolve));
    const clientOptions = {
      apiEndpoint: `127.0.0.1:${(old.address() as { port: number }).port}`, // as: it listens on TCP
      rootCertificates: authority.certificate,
      credentials: {
        getRequestMetadata: async () => ({ authorization: `Bearer ${await emulator.accessToken(DANA)}` }),
      },
    };
    try {
      const found = await ask(clientOptions);
      expect([causesOf(found), commandsOf(found)]).toEqual([["http2-unavailable"], []]);
      expect(found.causes[0]?.text).toContain('transport: "rest"');
      expect(await ask({ ...clientOptions, transport: "rest" })).toMatchObject({ state: "ok", causes: [] });
    } finally {
      old.close();
    }
  });

  test("a proxy that requires a password", async () => {
    await using proxy = await startConnectProxy(1);
    proxy.statusCode = 407;
    process.env["https_proxy"] = `http://${proxy.host}`;
    const found = await ask({ apiEndpoint: "iamcredentials.example.com" });
    expect(causesOf(found)).toEqual(["proxy-refused"]);
    expect(commandsOf(found)).toEqual(["export no_proxy=.googleapis.com"]);
  });

  test("a client certificate that is wanted and not there", async () => {
    process.env["GOOGLE_API_USE_MTLS_ENDPOINT"] = "always";
    const found = await ask({});
    expect(causesOf(found)).toEqual(["certificate-missing"]);
  });
});
