// SPDX-License-Identifier: Apache-2.0
// `iamcreds exec` with children that nobody here wrote: whose tokens they get and how often one is minted, what they can see, how
// signals and exit codes pass, and that nothing is left.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtProgram, iamcreds, iamcredsProcess, variablesOf } from "../../../../support/cli.js";
import { LOCKED, ROBOT } from "../../../../support/cli-stage.js";
import { ManualClock } from "../../../../support/manual-clock.js";
import { newerLibraryPath } from "../../../../support/newer-library.js";
import { openSessionStage, type SessionStage } from "../../../../support/session-stage.js";
import { waitUntil } from "../../../../support/wait-until.js";

const MEMBER = `serviceAccount:${ROBOT}`;
const ROOT = join(__dirname, "../../../../..");

let stage: SessionStage;
beforeEach(async () => {
  stage = await openSessionStage();
});
afterEach(() => stage.close());

const node = (script: string): string[] => [process.execPath, "-e", script];
const shell = (script: string): string[] => ["sh", "-c", script];
const hasCurl = spawnSync("curl", ["--version"]).status === 0;
const byCurl = (title: string): string => (hasCurl ? title : `is not judged, curl is not installed: ${title}`);
const METADATA =
  'curl -sS -H "Metadata-Flavor: Google" "http://$GCE_METADATA_HOST/computeMetadata/v1/instance/service-accounts/default';

describe("a child's token", () => {
  const majors: readonly (readonly [major: string, path: string])[] = [
    ["9", join(ROOT, "node_modules/google-auth-library-9")],
    ["10", join(ROOT, "node_modules/google-auth-library")],
    ...(newerLibraryPath === undefined ? [] : [["11", newerLibraryPath] as const]),
  ];
  it.each(majors)("is the account's, by google-auth-library %s", async (_major, library) => {
    const script = `const { GoogleAuth } = require("${library}");
      const auth = new GoogleAuth({ scopes: ["https://www.googleapis.com/auth/cloud-platform"] });
      Promise.all([auth.getAccessToken(), auth.getProjectId()]).then((found) => process.stdout.write(JSON.stringify(found)));`;
    const { code, stdout, stderr } = await stage.exec([], node(script));
    expect([code, stderr]).toEqual([0, ""]);
    const [token, project] = JSON.parse(stdout);
    expect([await stage.ownerOf(token), project]).toEqual([MEMBER, "my-project"]);
  });

  it("is the account's by the metadata server alone, ID tokens too, whatever login the home folder has", async () => {
    const script = `const { GoogleAuth } = require("${ROOT}/node_modules/google-auth-library");
      const auth = new GoogleAuth({ scopes: ["https://www.googleapis.com/auth/cloud-platform"] });
      const id = auth.getIdTokenClient("https://a").then((client) => client.idTokenProvider.fetchIdToken("https://a"));
      Promise.all([auth.getAccessToken(), id]).then((found) => process.stdout.write(JSON.stringify(found)));`;
    const { code, stdout } = await stage.exec(["--via", "metadata"], node(script));
    expect(code).toBe(0);
    const [token, id] = JSON.parse(stdout);
    expect(await stage.ownerOf(token)).toBe(MEMBER);
    const claims = JSON.parse(Buffer.from(id.split(".")[1], "base64url").toString());
    expect([claims.email, claims.aud]).toEqual([ROBOT, "https://a"]);
  });

  it(byCurl("is the account's by curl on the metadata address, for the scopes that were asked for"), async () => {
    if (!hasCurl) return;
    const { stdout } = await stage.exec(
      [],
      shell(`${METADATA}/token?scopes=https://www.googleapis.com/auth/devstorage.read_only"`),
    );
    const { access_token: token, expires_in: seconds } = JSON.parse(stdout);
    expect([await stage.ownerOf(token), seconds > 3500]).toEqual([MEMBER, true]);
  });

  it("is at the metadata server's paths only when it is to come from there", async () => {
    const script = `const { token_url } = JSON.parse(require("fs").readFileSync(process.env.GOOGLE_APPLICATION_CREDENTIALS));
      const path = "/computeMetadata/v1/instance/service-accounts/default/token";
      fetch(new URL(path, token_url), { headers: { "Metadata-Flavor": "Google" } })
        .then(async (response) => process.stdout.write(response.status + " " + (await response.text()).includes("access_token")));`;
    expect((await stage.exec(["--via", "file"], node(script))).stdout).toBe("404 false");
    expect((await stage.exec(["--via", "file,metadata"], node(script))).stdout).toBe("200 true");
  });

  it("is in a file for gcloud, and with --via env in variables", async () => {
    const { stdout } = await stage.exec([], shell('cat "$CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"'));
    expect(await stage.ownerOf(stdout)).toBe(MEMBER);
    const env = await stage.exec(
      ["--via", "env"],
      shell('printf %s "$GOOGLE_OAUTH_ACCESS_TOKEN"; test -z "$GCE_METADATA_HOST"'),
    );
    expect([env.code, await stage.ownerOf(env.stdout)]).toEqual([0, MEMBER]);
  });

  it(byCurl("costs one RPC for 200 children at once"), async () => {
    if (!hasCurl) return;
    const script = `i=0; while [ $i -lt 200 ]; do ${METADATA}/token" >> "$TMPDIR/../answers" & i=$((i + 1)); done; wait`;
    expect(await stage.exec([], shell(script))).toMatchObject({ code: 0 });
    const answers = readFileSync(join(stage.folder, "answers"), "utf8").match(/"access_token":"[^"]+"/g) ?? [];
    expect([answers.length, new Set(answers).size]).toEqual([200, 1]);
    expect(stage.count("GenerateAccessToken")).toBe(1);
  });
});

test("a child outlives three renewals", async () => {
  const clock = new ManualClock({ wallAt: Date.now() });
  const script = `const fs = require("node:fs");
    const url = "http://" + process.env.GCE_METADATA_HOST + "/computeMetadata/v1/instance/service-accounts/default/token";
    const folder = ${JSON.stringify(stage.folder)};
    (async () => {
      for (let round = 0; round < 4; round++) {
        while (!fs.existsSync(folder + "/go-" + round) && process.ppid !== 1) await new Promise((resolve) => setTimeout(resolve, 10));
        const answer = await fetch(url, { headers: { "metadata-flavor": "Google" } });
        fs.writeFileSync(folder + "/draft", (await answer.json()).access_token);
        fs.copyFileSync(process.env.CLOUDSDK_AUTH_ACCESS_TOKEN_FILE, folder + "/gcloud-" + round);
        fs.renameSync(folder + "/draft", folder + "/token-" + round);
      }
    })();`;
  const running = iamcreds(["exec", ROBOT, "--", ...node(script)], {
    variables: { ...process.env, ...stage.variables } as Record<string, string>,
    clock,
  });
  const tokens: string[] = [];
  // A step passes the renewal, five minutes before a token's end, by less than a renewal may take.
  for (let round = 0; round < 4; round++) {
    const mints = stage.count("GenerateAccessToken");
    if (round > 0) {
      stage.emulator.advanceClock(3_340_000);
      await clock.advance(3_340_000);
      await waitUntil("the file for gcloud is renewed", () => stage.count("GenerateAccessToken") > mints);
    }
    writeFileSync(join(stage.folder, `go-${round}`), "");
    await waitUntil("the child has a token", () => existsSync(join(stage.folder, `token-${round}`)));
    const token = readFileSync(join(stage.folder, `token-${round}`), "utf8");
    expect(await stage.ownerOf(token)).toBe(MEMBER);
    tokens.push(token);
  }
  expect([(await running).code, new Set(tokens).size]).toEqual([0, 4]);
});

describe("what a child can see", () => {
  it("has no token and no login of the caller in variables and arguments", async () => {
    const login = JSON.parse(readFileSync(stage.variables["GOOGLE_APPLICATION_CREDENTIALS"] ?? "", "utf8"));
    const foreign = {
      GOOGLE_OAUTH_ACCESS_TOKEN: "x1",
      CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT: LOCKED,
      GOOGLE_CREDENTIALS: "x2",
    };
    const look =
      "const fs = require('node:fs'); const all = () => fs.readFileSync('/proc/self/environ', 'utf8') + process.argv.join(' ');";
    const script =
      process.platform === "linux" ? look : "const all = () => JSON.stringify(process.env) + process.argv.join(' ');";
    const { stdout } = await stage.exec([], node(`${script} process.stdout.write(all())`), foreign);
    expect(stdout).not.toMatch(/ya29|eyJ/);
    expect(stdout).not.toContain(login.refresh_token);
    expect(stdout).not.toContain(stage.variables["GOOGLE_APPLICATION_CREDENTIALS"]);
    for (const name of Object.keys(foreign)) expect(stdout).not.toContain(`${name}=`);
    expect(stdout).toContain("GOOGLE_CLOUD_PROJECT=my-project");
  });

  it("is in files for its owner alone, which are gone afterwards", async () => {
    const { stdout } = await stage.exec(
      [],
      shell('stat -c "%a %n" "$TMPDIR"/iamcreds-run-* "$TMPDIR"/iamcreds-run-*/*'),
    );
    const modes = stdout
      .trim()
      .split("\n")
      .map((line) => line.replace(/ .*-[^/]+/, ""));
    expect(modes).toEqual(["700", "600/credentials.json", "700/gcloud", "600/token"]);
    expect(readdirSync(stage.temporary)).toEqual([]);
  });

  it("is told by --print-env, which runs nothing", async () => {
    const { code, stdout } = await iamcreds(["exec", ROBOT, "--print-env", "--via", "file,metadata"], {
      variables: stage.variables,
    });
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.replace(/=.*/, ""))).toEqual([
      "export GOOGLE_APPLICATION_CREDENTIALS",
      "export GCE_METADATA_HOST",
      "export GCE_METADATA_IP",
      "export GCE_METADATA_ROOT",
      "export METADATA_SERVER_DETECTION",
      "export CLOUDSDK_CONFIG",
      "export GOOGLE_CLOUD_PROJECT",
      "export CLOUDSDK_CORE_PROJECT",
      "",
    ]);
    expect(stage.emulator.calls()).toEqual([]);
  });
});

describe("the session", () => {
  const ask = (headers: string, path = "/computeMetadata/v1/instance/service-accounts/default/token", more = "") => `
    const http = require("node:http");
    const [hostname, port] = process.env.GCE_METADATA_HOST.split(":");
    ${more}
    http.get({ hostname, port, path: ${JSON.stringify(path)}, headers: ${headers} }, (answer) => {
      process.stdout.write(String(answer.statusCode), () => process.exit());
    });`;
  const flavor = '"metadata-flavor": "Google"';

  it.each([
    ["the header that every client sends", `{ ${flavor} }`, "200"],
    ["no such header", "{}", "403"],
    ["a host that was rebound", `{ ${flavor}, host: "evil.example" }`, "403"],
    ["an origin", `{ ${flavor}, origin: "http://127.0.0.1" }`, "403"],
    ["a proxy's header", `{ ${flavor}, "x-forwarded-for": "10.0.0.1" }`, "403"],
  ])("answers a request with %s by %s: %s", async (_, headers, code) => {
    expect((await stage.exec([], node(ask(headers)))).stdout).toBe(code);
  });

  it("gives no token by the file's addresses to who does not have the file's secret", async () => {
    expect((await stage.exec([], node(ask("{}", "/v1/subject-token")))).stdout).toBe("401");
    const script = `const post = (path, body, headers = {}) =>
        fetch("http://" + process.env.GCE_METADATA_HOST + path, { method: "POST", body, headers }).then(({ status }) => status);
      Promise.all([
        post("/v1/token", new URLSearchParams({ subject_token: "x" })),
        post("/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken", "{}", { authorization: "Bearer x" }),
      ]).then((codes) => process.stdout.write(codes.join(), () => process.exit()));`;
    expect((await stage.exec([], node(script))).stdout).toBe("401,401");
  });

  const isRoot = process.platform === "linux" && process.getuid?.() === 0;
  it(isRoot ? "gives another user nothing" : "is not judged with another user: this is not root on Linux", async () => {
    if (!isRoot) return;
    const { stdout } = await stage.exec([], node(ask(`{ ${flavor} }`, undefined, "process.setuid(65534);")));
    expect(stdout).toBe("403");
  });
});

describe("the end of a child is the end of exec", () => {
  it.each([
    ["exit 0", 0],
    ["exit 7", 7],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
  ])("%s: %i", async (script, code) => {
    expect((await stage.exec([], shell(script))).code).toBe(code);
    expect(readdirSync(stage.temporary)).toEqual([]);
  });

  it("is 127 for a program that does not exist, 126 for one that cannot be run, 125 when it is not run at all", async () => {
    const file = join(stage.folder, "text");
    writeFileSync(file, "no program", { mode: 0o644 });
    expect(await stage.exec([], ["no-such-program"])).toEqual({
      code: 127,
      stdout: "",
      stderr: "iamcreds exec: no-such-program: there is no such program\n",
    });
    expect((await stage.exec([], [file])).code).toBe(126);
    const refused = await iamcredsProcess(["exec", LOCKED, "--", "true"], { variables: stage.variables });
    expect([refused.code, refused.stderr]).toEqual([125, expect.stringContaining("PERMISSION_DENIED")]);
    expect((await stage.exec(["--nothing"], ["true"])).code).toBe(125);
    expect((await stage.exec([], [])).code).toBe(125);
    expect(readdirSync(stage.temporary)).toEqual([]);
  });
});

describe("a signal to exec", () => {
  async function startAsleep(
    script: string,
  ): Promise<{ child: ReturnType<typeof spawn>; ended: Promise<unknown[]>; file: string }> {
    const file = join(stage.folder, "ready");
    const args = [builtProgram(), "exec", ROBOT, "--", "sh", "-c", script.replaceAll("READY", file)];
    const child = spawn(process.execPath, args, { env: variablesOf(stage.variables), stdio: "ignore" });
    await waitUntil("the program runs", () => existsSync(file));
    return { child, ended: once(child, "exit"), file };
  }

  it.each(["TERM", "HUP", "USR1", "USR2", "QUIT", "INT"])(
    "SIG%s is passed on, and exec ends as the program does",
    async (name) => {
      const { child, ended } = await startAsleep(`trap 'exit 3' ${name}; echo > READY; while :; do sleep 0.1; done`);
      child.kill(`SIG${name}` as NodeJS.Signals);
      expect(await ended).toEqual([3, null]);
      expect(readdirSync(stage.temporary)).toEqual([]);
    },
  );

  it("SIGKILL leaves a folder that the next run removes, and nobody who answers", async () => {
    const { child, ended, file } = await startAsleep(`echo "$GCE_METADATA_HOST" > READY; exec sleep 30`);
    child.kill("SIGKILL");
    await ended;
    const host = readFileSync(file, "utf8").trim();
    await expect(fetch(`http://${host}/`)).rejects.toThrow();
    expect(readdirSync(stage.temporary)).toEqual([expect.stringMatching(/^iamcreds-run-[0-9a-f]{8}-\d+-/)]);
    const [left = ""] = readdirSync(stage.temporary);
    expect(statSync(join(stage.temporary, left)).mode & 0o777).toBe(0o700);
    expect((await stage.exec([], ["true"])).code).toBe(0);
    expect(readdirSync(stage.temporary)).toEqual([]);
  });
});
