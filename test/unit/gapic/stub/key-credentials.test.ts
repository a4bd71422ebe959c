// SPDX-License-Identifier: Apache-2.0
// The drop-in's own JWTs of a service-account key: claim for claim what google-auth-library makes of the same options, and nothing where
// only the library knows what to do.

import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "@jest/globals";
import { systemClock } from "../../../../src/base/clock.js";
import { authClientOf, buildAuth, GoogleAuthCredentials } from "../../../../src/gapic/stub/credentials-option.js";
import { type ClientOptions, settleOptions } from "../../../../src/gapic/stub/gax-client-options.js";
import { keyCredentials } from "../../../../src/gapic/stub/key-credentials.js";
import { setEnvironment } from "../../../support/bare-environment.js";
import { generateKeyFile } from "../../../support/rsa-key.js";

const { info } = generateKeyFile();
const SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];
const folder = mkdtempSync(join(tmpdir(), "key-credentials-"));
const keyFile = join(folder, "key.json");
let restore: () => void;

beforeAll(() => writeFileSync(keyFile, JSON.stringify(info)));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  restore = setEnvironment();
});
afterEach(() => restore());

const find = (given: object, environment: Readonly<Record<string, string>> = {}) =>
  keyCredentials(settleOptions(given as ClientOptions, environment), SCOPES, environment, systemClock); // as: what JavaScript may give

/** What a JWT says, without its instants, and what goes along with it. */
function read(metadata: Readonly<Record<string, unknown>>) {
  const { authorization, ...others } = metadata;
  const [header, claims] = String(authorization).replace("Bearer ", "").split(".", 2);
  const parse = (part: string | undefined) => JSON.parse(Buffer.from(part ?? "", "base64url").toString());
  const { iat, exp, ...said } = parse(claims);
  return { header: parse(header), said, seconds: exp - iat, others };
}

describe("a key", () => {
  test.each<[string, ClientOptions]>([
    ["among the options", { credentials: info }],
    ["without a type", { credentials: { ...info, type: undefined as never } }],
    ["without an id", { credentials: { ...info, private_key_id: undefined as never } }],
    ["with a quota project", { credentials: { ...info, quota_project_id: "payer" } }],
    ["of the default universe, by name", { credentials: { ...info, universe_domain: "googleapis.com" } }],
    ["in a file", { keyFilename: keyFile }],
    ["in a file, by the old name", { keyFile }],
    [
      "before a file",
      { credentials: { ...info, client_email: "first@p.iam.gserviceaccount.com" }, keyFilename: keyFile },
    ],
    ["for another host", { credentials: info, apiEndpoint: "elsewhere.example" }],
    ["for another host, by the old name", { credentials: info, servicePath: "elsewhere.example" }],
    ["for scopes of its own", { credentials: info, scopes: ["a", "b"] }],
    ["for one scope", { credentials: info, scopes: "a" }],
    ["for scopes of its own at another host", { credentials: info, scopes: ["a"], apiEndpoint: "elsewhere.example" }],
    ["for an empty text of scopes", { credentials: info, scopes: "" }],
    ["for scopes that are empty", { credentials: info, scopes: [""] }],
    ["for no scopes at another host", { credentials: info, scopes: [], apiEndpoint: "elsewhere.example" }],
    ["over REST", { credentials: info, fallback: true }],
  ])("%s signs what the library signs", async (_where, given) => {
    const ours = await find(given)?.getRequestMetadata();
    const client = await authClientOf(buildAuth(settleOptions({ ...given }, {}), SCOPES));
    const theirs = await new GoogleAuthCredentials(client, "https://elsewhere.example/api").getRequestMetadata();
    expect(read(Object(ours))).toEqual(read(theirs));
  });

  test("whose line breaks were escaped is read by the library, too, once somebody asks it", async () => {
    const credentials = { ...info, private_key: info.private_key.replaceAll("\n", "\\n") };
    const key = find({ credentials });
    const before = read(Object(await key?.getRequestMetadata()));
    key?.moveTo(buildAuth(settleOptions({ credentials }, {}), SCOPES));
    expect(read(Object(await key?.getRequestMetadata()))).toEqual(before);
  });

  test("is the one that was given, whatever becomes of the object", async () => {
    const credentials = { ...info };
    const key = find({ credentials });
    credentials.client_email = "other@p.iam.gserviceaccount.com";
    expect(read(Object(await key?.getRequestMetadata())).said["iss"]).toBe(info.client_email);
  });

  test.each(["GOOGLE_APPLICATION_CREDENTIALS", "google_application_credentials"])("is found through %s", (variable) => {
    expect(find({}, { [variable]: keyFile })).toBeDefined();
    expect(find({}, { [variable]: join(folder, "none.json") })).toBeUndefined();
  });
});

describe("the library is asked", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });

  test.each<[string, object]>([
    ["no key", {}],
    ["an auth", { credentials: info, auth: {} }],
    ["a client of its own", { credentials: info, authClient: {} }],
    ["options of its own", { credentials: info, clientOptions: { subject: "somebody@example.com" } }],
    ["an API key", { apiKey: "k" }],
    ["a universe", { credentials: info, universeDomain: "elsewhere.example" }],
    ["a universe, by the other name", { credentials: info, universe_domain: "googleapis.com" }],
    ["a key of another universe", { credentials: { ...info, universe_domain: "elsewhere.example" } }],
    [
      "a user's login",
      { credentials: { type: "authorized_user", client_id: "i", client_secret: "s", refresh_token: "r" } },
    ],
    ["a key and another type", { credentials: { ...info, type: "external_account" } }],
    ["a key that is none", { credentials: { ...info, private_key: "none" } }],
    ["a key of another kind", { credentials: { ...info, private_key: ec } }],
    ["no address", { credentials: { private_key: info.private_key } }],
    ["a quota project that is no text", { credentials: { ...info, quota_project_id: 7 } }],
    ["a file that is not there", { keyFilename: join(folder, "none.json") }],
  ])("where there is %s", (_what, given) => {
    expect(find(given)).toBeUndefined();
  });

  it("where a variable names another quota project or universe", () => {
    expect(find({ credentials: info }, { GOOGLE_CLOUD_QUOTA_PROJECT: "payer" })).toBeUndefined();
    expect(find({ credentials: info }, { GOOGLE_CLOUD_UNIVERSE_DOMAIN: "elsewhere.example" })).toBeUndefined();
    expect(find({ credentials: info }, { GOOGLE_CLOUD_QUOTA_PROJECT: "" })).toBeDefined();
  });
});
