// SPDX-License-Identifier: Apache-2.0
// Where credentials are looked for, what is found there, and that no secret of it is told.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClientOptions, type CredentialsExplanation, explainCredentials } from "../../../src/index.js";
import { withEnvironment } from "../../support/with-environment.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const NOT_A_KEY = "-----BEGIN PRIVATE KEY-----\nnot a key\n-----END PRIVATE KEY-----\n";
let folder: string;
let file = 0;
const write = (content: object | string) => {
  const path = join(folder, `${++file}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};
const user = {
  type: "authorized_user",
  client_id: "id.apps",
  client_secret: "s-secret",
  refresh_token: "r-secret",
  quota_project_id: "payer",
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "explain-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function explain(variables: Record<string, string>, options: ClientOptions = {}): Promise<CredentialsExplanation> {
  const bare = {
    GOOGLE_APPLICATION_CREDENTIALS: undefined,
    IAM_CREDENTIALS_EMULATOR_HOST: undefined,
    GOOGLE_CLOUD_QUOTA_PROJECT: undefined,
  };
  return withEnvironment({ ...bare, CLOUDSDK_CONFIG: folder, ...variables }, () => explainCredentials(options));
}
const states = ({ places }: CredentialsExplanation) =>
  Object.fromEntries(places.map(({ name, state }) => [name, state]));

test("without anything, every place is absent and the metadata server was not asked", async () => {
  const told = await explain({});
  expect(states(told)).toEqual({
    "option transport": "absent",
    "option apiKey": "absent",
    "option credentials": "absent",
    "option credentialsFile": "absent",
    IAM_CREDENTIALS_EMULATOR_HOST: "absent",
    GOOGLE_APPLICATION_CREDENTIALS: "absent",
    "gcloud's file": "absent",
    "metadata server": "notAsked",
  });
  expect(told).toMatchObject({ taken: undefined, error: undefined });
  expect(told.because).toBe("nothing was found before the metadata server, which was not queried");
});

test("the variable comes before gcloud's file, which is told as well", async () => {
  writeFileSync(join(folder, "application_default_credentials.json"), JSON.stringify(user));
  const path = write({ type: "service_account", client_email: ROBOT, private_key: NOT_A_KEY });
  const told = await explain({ GOOGLE_APPLICATION_CREDENTIALS: path });
  expect(states(told)).toMatchObject({ GOOGLE_APPLICATION_CREDENTIALS: "used", "gcloud's file": "unused" });
  expect(told.taken).toMatchObject({ type: "service_account", account: ROBOT });
  expect(told.because).toBe(`GOOGLE_APPLICATION_CREDENTIALS (${path}) is the first place that has credentials`);
});

test.each<[string, object, object]>([
  [
    "a user's login",
    user,
    { type: "authorized_user", account: undefined, clientId: "id.apps", quotaProjectId: "payer" },
  ],
  [
    "an impersonation",
    {
      type: "impersonated_service_account",
      service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`,
      source_credentials: user,
    },
    { type: "impersonated_service_account", account: ROBOT },
  ],
  [
    "a workforce pool",
    {
      type: "external_account",
      audience: "//iam.googleapis.com/locations/global/workforcePools/p/providers/x",
      universe_domain: "example.com",
    },
    { account: "//iam.googleapis.com/locations/global/workforcePools/p/providers/x", universeDomain: "example.com" },
  ],
])("%s tells whose it is", async (_kind, content, expected) => {
  expect((await explain({ GOOGLE_APPLICATION_CREDENTIALS: write(content) })).taken).toMatchObject(expected);
});

test("a place that is broken ends the search, and says what is wrong", async () => {
  writeFileSync(join(folder, "application_default_credentials.json"), JSON.stringify(user));
  const told = await explain({ GOOGLE_APPLICATION_CREDENTIALS: join(folder, "nowhere.json") });
  expect(states(told)).toMatchObject({ GOOGLE_APPLICATION_CREDENTIALS: "broken", "gcloud's file": "unused" });
  expect(told.taken).toBeUndefined();
  expect(told.error?.message).toContain("it does not exist");
});

test("options come first, and exclude one another as a client has it", async () => {
  const told = await explain({}, { credentials: { client_email: ROBOT, private_key: NOT_A_KEY } });
  expect(told.taken).toMatchObject({ type: "service_account", account: ROBOT });
  const both = await explain({}, { apiKey: "k", credentialsFile: "f" });
  expect(both.error?.message).toBe("credentialsFile and apiKey: set one of them, not both");
});

test("an emulator's variable makes a client the owner, and the quota project comes from option, variable or file", async () => {
  const told = await explain({ IAM_CREDENTIALS_EMULATOR_HOST: "127.0.0.1:1", GOOGLE_CLOUD_QUOTA_PROJECT: "other" });
  expect(told).toMatchObject({ taken: { type: "emulator_owner" }, quotaProjectId: undefined });
  const path = write(user);
  expect((await explain({ GOOGLE_APPLICATION_CREDENTIALS: path })).quotaProjectId).toBe("payer");
  const variables = { GOOGLE_APPLICATION_CREDENTIALS: path, GOOGLE_CLOUD_QUOTA_PROJECT: "other" };
  expect((await explain(variables)).quotaProjectId).toBe("other");
  expect((await explain(variables, { quotaProjectId: "mine" })).quotaProjectId).toBe("mine");
});

test("no secret is told, not even one that stands where a path belongs", async () => {
  const key = JSON.stringify({ type: "service_account", client_email: ROBOT, private_key: NOT_A_KEY });
  for (const variables of [{ GOOGLE_APPLICATION_CREDENTIALS: key }, { GOOGLE_APPLICATION_CREDENTIALS: write(user) }]) {
    expect(JSON.stringify(await explain(variables))).not.toMatch(/not a key|-secret/);
  }
  expect(JSON.stringify(await explain({}, { apiKey: "k-secret" }))).not.toContain("k-secret");
});
