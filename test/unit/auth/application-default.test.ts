// SPDX-License-Identifier: Apache-2.0
// Application default credentials in processes of their own, whose home is an empty folder and which have no metadata server.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jwtVerify } from "jose";
import { type ChildResult, runProgram } from "../../support/child-program.js";
import { generateKeyFile } from "../../support/rsa-key.js";

interface Told {
  readonly loadedBefore: boolean;
  readonly loadedAfter: boolean;
  readonly outcomes: readonly ("an answer" | { readonly message: string; readonly cause: string })[];
  readonly bearers: readonly string[];
}

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "home-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function tell(env: Readonly<Record<string, string>>): Promise<Told> {
  const result: ChildResult = await runProgram("test/unit/auth/programs/default-credentials.ts", {
    HOME: home,
    METADATA_SERVER_DETECTION: "none",
    ...env,
  });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(result.stdout) as Told; // as: the program prints it
}

const RUN_GCLOUD = "Give the option credentials, or run: gcloud auth application-default login";

test("a variable that names a missing file is told, with all else that was tried, at every call", async () => {
  const missing = join(home, "missing.json");
  const told = await tell({ GOOGLE_APPLICATION_CREDENTIALS: missing });
  expect(told.outcomes).toHaveLength(2);
  for (const outcome of told.outcomes) {
    expect(outcome).toMatchObject({
      message: expect.stringContaining(
        "no credentials gave a token; tried in turn: the option credentials (not given), " +
          `GOOGLE_APPLICATION_CREDENTIALS (${missing}, which does not exist), ` +
          `${join(home, ".config/gcloud/application_default_credentials.json")}, which does not exist, ` +
          `the metadata server. ${RUN_GCLOUD}`,
      ),
      cause: expect.stringContaining(missing),
    });
  }
  expect(told.bearers).toEqual([]);
}, 240_000);

test("where nothing is set up, the error says so and where gcloud would have put its file", async () => {
  const config = join(home, "elsewhere");
  const told = await tell({ CLOUDSDK_CONFIG: config });
  expect(told.outcomes[0]).toMatchObject({
    message: expect.stringContaining(
      "GOOGLE_APPLICATION_CREDENTIALS (not set), " +
        `${join(config, "application_default_credentials.json")}, which does not exist, the metadata server`,
    ),
  });
}, 240_000);

test("the library is loaded by the first call and not before", async () => {
  const told = await tell({});
  expect([told.loadedBefore, told.loadedAfter]).toEqual([false, true]);
}, 240_000);

describe("a key that is found signs for itself, and no token endpoint is asked", () => {
  const { info, publicKey } = generateKeyFile();
  const claimsOf = async ({ outcomes, bearers: [bearer = ""] }: Told) => {
    expect(outcomes).toEqual(["an answer", "an answer"]);
    return (await jwtVerify(bearer.replace("Bearer ", ""), publicKey, { issuer: info.client_email })).payload;
  };

  test("in gcloud's file, for the service", async () => {
    const folder = join(home, ".config/gcloud");
    await mkdir(folder, { recursive: true });
    writeFileSync(join(folder, "application_default_credentials.json"), JSON.stringify(info));
    const claims = await claimsOf(await tell({}));
    expect(claims.aud).toBe("https://iamcredentials.googleapis.com/");
    expect(claims).not.toHaveProperty("scope");
  }, 240_000);

  test("in the variable's file, with the scopes that were asked for", async () => {
    const file = join(home, "key.json");
    writeFileSync(file, JSON.stringify(info));
    const claims = await claimsOf(await tell({ GOOGLE_APPLICATION_CREDENTIALS: file, TEST_SCOPES: "a b" }));
    expect(claims["scope"]).toBe("a b");
  }, 240_000);
});

test("a credentialsFile that gives no token is named, and its contents are not told", async () => {
  const file = join(home, "user.json");
  writeFileSync(file, JSON.stringify({ type: "authorized_user", client_secret: "do-not-quote-me" }));
  const [outcome] = (await tell({ TEST_CREDENTIALS_FILE: file })).outcomes;
  expect(outcome).toMatchObject({
    message: expect.stringMatching(/^credentialsFile: no token could be had with .*user\.json \(.+\)$/),
  });
  expect(JSON.stringify(outcome)).not.toContain("do-not-quote-me");
}, 240_000);

describe("with a metadata server", () => {
  let server: Server | undefined;
  afterEach(
    () => new Promise<void>((resolve) => void (server === undefined ? resolve() : server.close(() => resolve()))),
  );

  /** Starts one. Its `host:port`. */
  async function serve(listener: RequestListener): Promise<string> {
    const started = createServer(listener);
    server = started;
    await new Promise<void>((resolve) => void started.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(started.address() as AddressInfo).port}`; // as: it listens on TCP
  }

  test("a metadata server that was not there yet is found by the next call, and asked for the service's scope", async () => {
    let isReady = false;
    const scopes: (string | null)[] = [];
    const host = await serve(({ url = "" }, response) => {
      if (url === "/ready") isReady = true;
      response.setHeader("metadata-flavor", "Google");
      if (!isReady) {
        response.writeHead(404).end();
      } else if (url.includes("/token")) {
        scopes.push(new URL(url, "http://metadata").searchParams.get("scopes"));
        const token = { access_token: "of-machine", expires_in: 3600, token_type: "Bearer" };
        response.setHeader("content-type", "application/json").end(JSON.stringify(token));
      } else response.end(url.includes("universe-domain") ? "googleapis.com" : "x");
    });
    const told = await tell({
      METADATA_SERVER_DETECTION: "ping-only",
      K_SERVICE: "tests", // so that Google's library waits for as long as it takes, not for 3 seconds
      GCE_METADATA_HOST: host,
      TEST_BETWEEN_CALLS: `http://${host}/ready`,
    });
    expect(told.outcomes).toEqual([expect.objectContaining({ message: expect.any(String) }), "an answer"]);
    expect(told.bearers).toEqual(["Bearer of-machine"]);
    expect(scopes).toEqual(["https://www.googleapis.com/auth/cloud-platform"]);
  }, 240_000);
});
