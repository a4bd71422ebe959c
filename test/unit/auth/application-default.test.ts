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

test("a variable that names a missing file is told with what to do, at every call, and nothing else was tried", async () => {
  const missing = join(home, "missing.json");
  const told = await tell({ GOOGLE_APPLICATION_CREDENTIALS: missing });
  const message =
    `GOOGLE_APPLICATION_CREDENTIALS: cannot read ${missing}: it does not exist; ` +
    "use another file, or unset GOOGLE_APPLICATION_CREDENTIALS";
  expect(told.outcomes).toEqual(Array(2).fill({ message, cause: expect.stringContaining(missing) }));
  expect(told.bearers).toEqual([]);
}, 240_000);

test("where nothing is set up, the error says so and where gcloud would have put its file", async () => {
  const config = join(home, "elsewhere");
  const told = await tell({ CLOUDSDK_CONFIG: config });
  expect(told.outcomes[0]).toMatchObject({
    message:
      "no credentials were found: GOOGLE_APPLICATION_CREDENTIALS is not set, " +
      `${join(config, "application_default_credentials.json")} does not exist, and there is no metadata server. ` +
      "Set the option credentials, or run: gcloud auth application-default login",
  });
}, 240_000);

test("the library is loaded by the first call that needs it and not before", async () => {
  const file = join(home, "user.json");
  writeFileSync(
    file,
    JSON.stringify({ type: "external_account", audience: "a", subject_token_type: "t", credential_source: { file } }),
  );
  const told = await tell({ TEST_CREDENTIALS_FILE: file });
  expect([told.loadedBefore, told.loadedAfter]).toEqual([false, true]);
  const withoutIt = await tell({});
  expect([withoutIt.loadedBefore, withoutIt.loadedAfter]).toEqual([false, false]);
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
  const external = { type: "external_account", audience: "a", subject_token_type: "t", client_id: "do-not-quote-me" };
  const source = { file: join(home, "no-token"), client_secret: "do-not-quote-me" };
  writeFileSync(file, JSON.stringify({ ...external, credential_source: source, client_secret: "do-not-quote-me" }));
  const [outcome] = (await tell({ TEST_CREDENTIALS_FILE: file })).outcomes;
  expect(outcome).toMatchObject({
    message: expect.stringMatching(/^credentialsFile: could not get a token with .*user\.json \(.+no-token.+\)$/),
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
      } else if (url.includes("recursive=true")) {
        const account = { email: "robot@p.iam.gserviceaccount.com", scopes: [] };
        response.setHeader("content-type", "application/json").end(JSON.stringify(account));
      } else response.end("googleapis.com");
    });
    const told = await tell({
      METADATA_SERVER_DETECTION: "ping-only",
      GCE_METADATA_HOST: host,
      TEST_BETWEEN_CALLS: `http://${host}/ready`,
    });
    expect(told.outcomes).toEqual([expect.objectContaining({ message: expect.any(String) }), "an answer"]);
    expect(told.bearers).toEqual(["Bearer of-machine"]);
    expect(scopes).toEqual(["https://www.googleapis.com/auth/cloud-platform"]);
  }, 240_000);
});
