// SPDX-License-Identifier: Apache-2.0
// The file that gcloud writes for impersonation: what credentials it makes, of which universe, and what is wrong with one.

import { ConfigurationError, ImpersonatedCredentials } from "../../../src/index.js";
import {
  BUILD,
  CREATOR,
  DANA,
  type ImpersonationStage,
  openImpersonationStage,
  ROBOT,
  SCOPE,
} from "../../support/impersonation-stage.js";

let stage: ImpersonationStage;
beforeEach(async () => {
  stage = await openImpersonationStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

describe("the credentials file that gcloud writes for impersonation", () => {
  test("gives credentials with its host, delegates, quota project and scopes", async () => {
    const key = await stage.emulator.createServiceAccountKey(BUILD);
    stage.emulator.addGrant({ member: `serviceAccount:${BUILD}`, role: CREATOR, serviceAccount: ROBOT });
    const robot = ImpersonatedCredentials.fromImpersonatedServiceAccountInfo({
      type: "impersonated_service_account",
      service_account_impersonation_url: `${stage.emulator.url}/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`,
      source_credentials: { ...key },
      delegates: [],
      quota_project_id: "billed",
      scopes: [SCOPE],
    });
    expect(robot.client.apiEndpoint).toBe(stage.emulator.host);
    expect([robot.quotaProjectId, robot.scopes]).toEqual(["billed", [SCOPE]]);
    expect((await robot.getAccessToken()).token).toMatch(/^ya29\./);
    expect(stage.emulator.calls().at(-1)?.principal).toBe(`serviceAccount:${BUILD}`);
    await robot.close();
  });

  test("keeps a regional host, and leaves the default one to what else decides", () => {
    const info = (host: string) => ({
      service_account_impersonation_url: `https://${host}/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`,
      source_credentials: { type: "authorized_user", client_id: "id", client_secret: "s", refresh_token: "r" },
      delegates: [BUILD],
    });
    const from = (host: string) => ImpersonatedCredentials.fromImpersonatedServiceAccountInfo(info(host));
    const regional = from("iamcredentials.us-east1.rep.googleapis.com");
    expect(regional.client.apiEndpoint).toBe("iamcredentials.us-east1.rep.googleapis.com");
    expect(regional.delegates).toEqual([`projects/-/serviceAccounts/${BUILD}`]);
    expect(from("iamcredentials.googleapis.com").client.apiEndpoint).toBe("iamcredentials.googleapis.com");
  });

  test.each(["named by the source", "shown by the host", "named by the file"])(
    "is of the universe that is %s: endpoint, universeDomain and signed URLs, with a user and with a key as the source",
    async (where) => {
      const universe = "u.example";
      const named = { universe_domain: universe };
      const host = `iamcredentials.${where === "shown by the host" ? universe : "googleapis.com"}`;
      const inUniverse = where === "named by the file" ? named : {};
      const user = { type: "authorized_user", client_id: "id", client_secret: "s", refresh_token: "r" };
      const { universe_domain: _, ...key } = await stage.emulator.createServiceAccountKey(BUILD);
      for (const source of [user, key]) {
        const info = {
          ...inUniverse,
          service_account_impersonation_url: `https://${host}/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`,
          source_credentials: where === "named by the source" ? { ...source, ...named } : source,
        };
        const robot = ImpersonatedCredentials.fromImpersonatedServiceAccountInfo(info);
        expect([robot.universeDomain, robot.client.apiEndpoint]).toEqual([universe, `iamcredentials.${universe}`]);
        await robot.close();
        const clientOptions = { ...stage.emulator.clientOptions(DANA), checkUniverseDomain: false };
        const signing = ImpersonatedCredentials.fromImpersonatedServiceAccountInfo(info, { clientOptions });
        const url = await signing.signedUrl({ bucket: "bucket", object: "o", expiresIn: 60 });
        expect(new URL(url).host).toBe(`storage.${universe}`);
        await signing.close();
      }
    },
  );

  test.each([
    [{ type: "authorized_user" }, 'type: must be "impersonated_service_account", not "authorized_user"'],
    [
      { service_account_impersonation_url: "https://x.example/v1/nothing" },
      'service_account_impersonation_url: cannot extract the target principal from "https://x.example/v1/nothing"',
    ],
    [
      { service_account_impersonation_url: `https://x.example/v1/serviceAccounts/${ROBOT}:generateAccessToken` },
      "service_account_impersonation_url: must be an https URL of googleapis.com, since the token of source_credentials is sent " +
        "there; to trust another host, set clientOptions.apiEndpoint",
    ],
    [{ source_credentials: { type: "gdch" } }, 'source_credentials: a source of type "gdch" is not supported'],
    [
      {
        service_account_impersonation_url:
          "https://iamcredentials.googleapis.com/v1/serviceAccounts/%E0:generateAccessToken",
      },
      'targetPrincipal: must be projects/-/serviceAccounts/{email or unique ID}, an e-mail address or a unique ID, not "%E0"',
    ],
  ])("%j is refused by name", (wrong, message) => {
    const info = {
      service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`,
      source_credentials: { type: "authorized_user", client_id: "id", client_secret: "s", refresh_token: "r" },
      ...wrong,
    };
    expect(() => ImpersonatedCredentials.fromImpersonatedServiceAccountInfo(info)).toThrow(
      new ConfigurationError(message),
    );
  });

  test("may name a host that is not Google's if an option says which host to call", async () => {
    const info = {
      service_account_impersonation_url: `https://x.example/v1/serviceAccounts/${ROBOT}:generateAccessToken`,
      source_credentials: { type: "authorized_user", client_id: "id", client_secret: "s", refresh_token: "r" },
    };
    const robot = ImpersonatedCredentials.fromImpersonatedServiceAccountInfo(info, {
      clientOptions: { apiEndpoint: "y.example" },
    });
    expect(robot.client.apiEndpoint).toBe("y.example");
    await robot.close();
  });
});
