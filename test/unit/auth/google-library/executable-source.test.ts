// SPDX-License-Identifier: Apache-2.0
// Subject tokens from a program: what it may write and how it may end, none of which ends this process or is repeated.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { LibraryTokenProvider } from "../../../../src/auth/google-library/library-token-provider.js";
import { IAMCredentialsClient } from "../../../../src/gapic/index.js";
import { setEnvironment } from "../../../support/bare-environment.js";
import { type RecordingHttpServer, startHttpServer } from "../../../support/http-server.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const JWT = "urn:ietf:params:oauth:token-type:jwt";
const SAML = "urn:ietf:params:oauth:token-type:saml2";
const TOKEN = "subject-of-the-program";
const GOOD = { version: 1, success: true, token_type: JWT, id_token: TOKEN };

let restore: () => void;
let server: RecordingHttpServer;
beforeEach(async () => {
  restore = setEnvironment({ GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "1" });
  server = await startHttpServer((_, response) => {
    const body = { access_token: "t-1", expires_in: 3600, token_type: "Bearer", issued_token_type: "x" };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
});
afterEach(async () => {
  restore();
  await server[Symbol.asyncDispose]();
});

const account = (command: string) => ({
  type: "external_account",
  audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
  subject_token_type: JWT,
  token_url: `http://${server.host}/v1/token`,
  credential_source: { executable: { command, timeout_millis: 5000 } },
});
/** A command whose program runs this text. */
const script = (text: string) =>
  `${process.execPath} -e eval(Buffer.from("${Buffer.from(text).toString("base64")}","base64")+"")`.replaceAll(
    '"',
    "'",
  );
const writing = (answer: unknown, more = "") =>
  script(`console.log(${JSON.stringify(JSON.stringify(answer))});${more}`);
const ask = (command: string) =>
  new LibraryTokenProvider(account(command), {
    name: "credentials",
    scopes: ["s"],
    audience: "https://a.example/",
  }).getRequestMetadata();
const sent = () => new URLSearchParams(server.requests[0]?.body).get("subject_token");

describe("the token of a program is traded", () => {
  test.each([
    ["an ID token", writing(GOOD)],
    ["a SAML response", writing({ version: 1, success: true, token_type: SAML, saml_response: TOKEN })],
    ["beside a warning on standard error", writing(GOOD, "console.error('deprecated')")],
    ["that is good for an hour", writing({ ...GOOD, expiration_time: Math.round(Date.now() / 1000) + 3600 })],
    [
      "that depends on the audience",
      script(
        `console.log(JSON.stringify({...${JSON.stringify(GOOD)}, id_token: process.env.GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE && "${TOKEN}"}))`,
      ),
    ],
  ])("%s", async (_name, command) => {
    expect(await ask(command)).toMatchObject({ authorization: "Bearer t-1" });
    expect(sent()).toBe(TOKEN);
  });
});

describe("a program that gives none rejects with what went wrong, and nothing that it wrote", () => {
  test.each([
    ["is not there", "/nowhere/program --password open-sesame", "could not be started: ENOENT"],
    ["is a folder", "/", "could not be started: EACCES"],
    ["is killed", script("console.log('open-sesame');process.kill(process.pid,'SIGKILL')"), "was killed"],
    [
      "fails",
      script("console.log('open-sesame');console.error('open-sesame');process.exit(3)"),
      "ended with exit code 3",
    ],
    [
      "writes a page",
      script("console.log('<html>open-sesame')"),
      'must write a JSON object with version and success to standard output, and on failure "code" and "message"',
    ],
    [
      "reports no message",
      writing({ version: 1, success: false, code: "open-sesame" }),
      "must write a JSON object with version and success",
    ],
    ["names another type", writing({ ...GOOD, token_type: "open-sesame" }), "must write a token_type that is one of"],
    ["writes no token", writing({ ...GOOD, id_token: 5 }), "must write the token as id_token"],
  ])("%s", async (_name, command, problem) => {
    const error = await rejectionOf(ask(command));
    expect(error).toMatchObject({
      name: "CredentialsError",
      message: expect.stringContaining(
        `credentials: could not get a token (credential_source.executable: the program ${problem}`,
      ),
    });
    expect(String(Object(error).cause)).not.toContain("open-sesame");
    expect(String(error)).not.toContain("open-sesame");
    expect(server.requests).toEqual([]);
  });

  test("says what the program reports, whatever its exit code", async () => {
    for (const end of ["", "process.exitCode=1"]) {
      const command = writing({ version: 1, success: false, code: "401", message: "Caller not authorized." }, end);
      expect(await rejectionOf(ask(command))).toMatchObject({
        message:
          "credentials: could not get a token (credential_source.executable: the program reported: 401: Caller not authorized.)",
      });
    }
  });

  test("takes too long", async () => {
    const error = await rejectionOf(ask(script("setTimeout(()=>{},60000)")));
    expect(error).toMatchObject({ message: expect.stringContaining("did not finish within 5000 ms") });
  }, 20_000);

  test("has written a token that is over", async () => {
    const error = await rejectionOf(ask(writing({ ...GOOD, expiration_time: 1 })));
    expect(error).toMatchObject({ message: expect.stringContaining("expired") });
  });
});

test("in the drop-in, a program that is not there rejects the call", async () => {
  const client = new IAMCredentialsClient({
    credentials: account("/nowhere/program") as never,
    apiEndpoint: "127.0.0.1",
    port: 1,
  }); // as: read from a file
  const error = await rejectionOf(client.signBlob({ name: "projects/-/serviceAccounts/1", payload: Buffer.from("x") }));
  expect(error).toMatchObject({ message: expect.stringContaining("the program could not be started: ENOENT") });
  await client.close();
});
