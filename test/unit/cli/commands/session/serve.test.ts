// SPDX-License-Identifier: Apache-2.0
// `iamcreds serve` as a process: whom it serves, which tokens, and how it ends.

import { once } from "node:events";
import { statSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { ComputeEngineCredentials } from "../../../../../src/index.js";
import { setEnvironment } from "../../../../support/bare-environment.js";
import { iamcredsProcess } from "../../../../support/cli.js";
import { LOCKED, ROBOT } from "../../../../support/cli-stage.js";
import { ask, openSessionStage, type SessionStage, textOf } from "../../../../support/session-stage.js";

let stage: SessionStage;
beforeEach(async () => {
  stage = await openSessionStage();
});
afterEach(() => stage.close());

const FLAVOR = { "metadata-flavor": "Google" };
const ACCOUNTS = "/computeMetadata/v1/instance/service-accounts";

describe("serve", () => {
  it("is a metadata server to our own credentials, and mints once for all that ask", async () => {
    const { child, ready, printed } = await stage.start("serve", ROBOT, "--listen", "127.0.0.1:0");
    const restore = setEnvironment(ready.environment);
    try {
      const all = Array.from({ length: 20 }, () => new ComputeEngineCredentials());
      const tokens = await Promise.all(all.map((credentials) => credentials.getAccessToken()));
      expect(new Set(tokens.map(({ token }) => token)).size).toBe(1);
      expect(await stage.ownerOf(tokens[0]?.token ?? "")).toBe(`serviceAccount:${ROBOT}`);
      expect(all[0]?.serviceAccountEmail).toBe(ROBOT);
    } finally {
      restore();
    }
    expect(stage.count("GenerateAccessToken")).toBe(1);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(JSON.parse(printed().trim().split("\n")[1] ?? "")).toEqual({ event: "closed", signal: "SIGTERM" });
  });

  it("serves more than one account, by their addresses and by names", async () => {
    const role = "roles/iam.serviceAccountTokenCreator";
    stage.emulator.addGrant({ member: "user:dana@example.com", role, serviceAccount: LOCKED });
    const { ready } = await stage.start(
      "serve",
      "--account",
      `default=${ROBOT}`,
      "--account",
      `other=${LOCKED}`,
      "--listen",
      "127.0.0.1:0",
    );
    for (const [name, email] of [
      ["default", ROBOT],
      ["other", LOCKED],
      [LOCKED, LOCKED],
    ] as const) {
      expect(await ask(ready.host, `${ACCOUNTS}/${name}/email`, FLAVOR)).toEqual([200, email]);
      const [, text] = await ask(ready.host, `${ACCOUNTS}/${name}/token`, FLAVOR);
      expect(await stage.ownerOf(JSON.parse(text).access_token)).toBe(`serviceAccount:${email}`);
    }
    expect(await ask(ready.host, `${ACCOUNTS}/absent/email`, FLAVOR)).toEqual([404, "Not Found\n"]);
  });

  it("answers the paths of the protocol, and says no to everybody else", async () => {
    const { ready } = await stage.start("serve", ROBOT, "--listen", "127.0.0.1:0", "--metrics");
    const { host } = ready;
    const listing = "aliases\nemail\nidentity\nscopes\ntoken\n";
    expect(await ask(host, `${ACCOUNTS}/default/`, FLAVOR)).toEqual([200, listing]);
    expect(JSON.parse((await ask(host, `${ACCOUNTS}/default/?recursive=true`, FLAVOR))[1])).toEqual({
      aliases: ["default"],
      email: ROBOT,
      scopes: ["https://www.googleapis.com/auth/cloud-platform"],
    });
    expect(await ask(host, "/computeMetadata/v1/project/project-id", FLAVOR)).toEqual([200, "my-project"]);
    expect(await ask(host, "/computeMetadata/v1/universe/universe-domain", FLAVOR)).toEqual([200, "googleapis.com"]);
    expect((await ask(host, `${ACCOUNTS}/default`, FLAVOR))[0]).toBe(301);
    expect((await ask(host, `${ACCOUNTS}/default/identity`, FLAVOR))[0]).toBe(400);
    expect((await ask(host, "/computeMetadata/v1/instance/id", FLAVOR))[0]).toBe(404);
    expect((await ask(host, `${ACCOUNTS}/default/token`))[0]).toBe(403);
    expect((await ask(host, `${ACCOUNTS}/default/token`, { ...FLAVOR, host: "evil.example" }))[0]).toBe(403);
    const [, metrics] = await ask(host, "/metrics");
    expect(metrics).toContain(`iamcreds_mints_total{account="${ROBOT}"} 1\n`);
    expect(metrics).toMatch(/^iamcreds_token_expiry_seconds\{account="robot@\S+"\} 3[56]\d\d$/m);
  });

  it("drops its tokens at SIGHUP", async () => {
    const { child, ready } = await stage.start("serve", ROBOT, "--listen", "127.0.0.1:0", "--metrics");
    const take = async () => JSON.parse((await ask(ready.host, `${ACCOUNTS}/default/token`, FLAVOR))[1]).access_token;
    const first = await take();
    expect(await take()).toBe(first);
    child.kill("SIGHUP");
    let next = first;
    while (next === first) next = await take(); // the signal arrives when it arrives
    expect(stage.count("GenerateAccessToken")).toBe(2);
  });

  it("listens on a socket that is its owner's alone", async () => {
    const path = join(stage.folder, "socket");
    const { child, ready } = await stage.start("serve", ROBOT, "--listen", `unix:${path}`);
    expect([ready.host, statSync(path).mode & 0o777]).toEqual([path, 0o600]);
    const [answer] = (await once(
      get({ socketPath: path, path: `${ACCOUNTS}/default/email`, headers: FLAVOR, agent: false }),
      "response",
    )) as [IncomingMessage]; // as: Node says so
    expect(await textOf(answer)).toBe(ROBOT);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it.each([
    [5, ["serve", LOCKED, "--listen", "127.0.0.1:0"], "PERMISSION_DENIED"],
    [2, ["serve", "--listen", "127.0.0.1:0"], "name a service account"],
    [2, ["serve", ROBOT, "--listen", "0.0.0.0:0"], "pass --allow-container-network if that is intended"],
    [2, ["proxy", "http://svc.example", ROBOT], "use https"],
    [2, ["proxy", "ftp://svc.example", ROBOT], "URL must be that of a service"],
  ])("ends with %i: %j", async (code, args, message) => {
    const result = await iamcredsProcess(args, { variables: stage.variables });
    expect([result.code, result.stdout]).toEqual([code, ""]);
    expect(result.stderr).toContain(message);
  });
});
