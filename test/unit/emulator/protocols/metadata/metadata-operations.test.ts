// SPDX-License-Identifier: Apache-2.0
// The metadata server: what it answers at which path, and what it refuses.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { CLOUD_PLATFORM, FIRST, openStage, type Stage, TARGET } from "../../stage.js";

let stage: Stage;
let uniqueId: string;
beforeAll(async () => {
  stage = await openStage({
    metadataServer: {
      defaultAccount: TARGET,
      projectId: "demo-project",
      numericProjectId: 1234,
      attributes: { "startup-script": "true" },
      licenseIds: ["5543610867827062957"],
    },
  });
  uniqueId = stage.emulator.addServiceAccount(TARGET).uniqueId;
});
afterAll(() => stage.close());

const FLAVOR = { "metadata-flavor": "Google" };
const ACCOUNTS = "/computeMetadata/v1/instance/service-accounts";

async function get(path: string, headers: Readonly<Record<string, string>> = FLAVOR) {
  const response = await fetch(stage.emulator.url + path, { headers, redirect: "manual" });
  return {
    code: response.status,
    type: response.headers.get("content-type"),
    location: response.headers.get("location"),
    flavor: response.headers.get("metadata-flavor"),
    server: response.headers.get("server"),
    etag: response.headers.get("etag"),
    body: await response.text(),
  };
}

describe("every answer", () => {
  test.each([
    "/",
    "/computeMetadata/v1/",
    "/computeMetadata/v1/instance",
    "/computeMetadata/v1/none",
    `${ACCOUNTS}/default/token`,
  ])("at %s carries the flavor and the server's name", async (path) => {
    expect(await get(path)).toMatchObject({ flavor: "Google", server: "Metadata Server for VM" });
  });

  test("without the request's flavor is a 403 that says so", async () => {
    const answer = await get(`${ACCOUNTS}/default/token`, {});
    expect(answer).toMatchObject({
      code: 403,
      body: expect.stringContaining("Missing Metadata-Flavor:Google header."),
    });
    expect((await get(`${ACCOUNTS}/default/token`, { "metadata-flavor": "other" })).code).toBe(403);
  });

  test("to a forwarded request is a 403", async () => {
    expect((await get(`${ACCOUNTS}/default/token`, { ...FLAVOR, "x-forwarded-for": "10.0.0.1" })).code).toBe(403);
  });
});

describe("paths", () => {
  test.each([
    ["/", "computeMetadata/\n"],
    ["/computeMetadata/v1/", "instance/\noslogin/\nproject/\nuniverse/\n"],
    [`${ACCOUNTS}/`, `default/\n${TARGET}/\n`],
    [`${ACCOUNTS}/default/`, "aliases\nemail\nidentity\nscopes\ntoken\n"],
    [`${ACCOUNTS}/default/aliases`, "default\n"],
    [`${ACCOUNTS}/default/email`, TARGET],
    [`${ACCOUNTS}/${TARGET}/scopes`, `${CLOUD_PLATFORM}\n`],
    ["/computeMetadata/v1/project/project-id", "demo-project"],
    ["/computeMetadata/v1/project/numeric-project-id", "1234"],
    ["/computeMetadata/v1/universe/universe-domain", "googleapis.com"],
    ["/computeMetadata/v1/instance/id", "4520031799277581759"],
    ["/computeMetadata/v1/instance/zone", "projects/1234/zones/us-central1-a"],
    ["/computeMetadata/v1/instance/attributes/startup-script", "true"],
  ])("%s is %j", async (path, body) => {
    expect(await get(path)).toMatchObject({ code: 200, type: "application/text", body });
  });

  test("of directories without their slash are moved, the query kept", async () => {
    expect(await get(`${ACCOUNTS}/default?recursive=true`)).toMatchObject({
      code: 301,
      location: `${ACCOUNTS}/default/?recursive=true`,
    });
  });

  test.each([
    `${ACCOUNTS}/none@demo-project.iam.gserviceaccount.com/token`,
    `${ACCOUNTS}/${FIRST}/token`,
    `${ACCOUNTS}/default/email/`,
    "/computeMetadata/v1/instance/constructor",
    "/computeMetadata/v2/",
  ])("%s is not found", async (path) => {
    expect(await get(path)).toMatchObject({ code: 404, type: "text/html; charset=UTF-8" });
  });
});

describe("formats", () => {
  test("recursive is JSON in camelCase, with numbers as they are and no tokens", async () => {
    const { type, body } = await get("/computeMetadata/v1/?recursive=true");
    expect(type).toBe("application/json");
    expect(body).toContain('"id":4520031799277581759');
    const account = { aliases: ["default"], email: TARGET, scopes: [CLOUD_PLATFORM] };
    expect(JSON.parse(body)).toMatchObject({
      instance: {
        attributes: { "startup-script": "true" },
        machineType: "projects/1234/machineTypes/emulator",
        serviceAccounts: { default: account, [TARGET]: account },
      },
      project: { projectId: "demo-project", numericProjectId: 1234 },
      universe: { universeDomain: "googleapis.com" },
    });
    expect(JSON.parse((await get(`${ACCOUNTS}/default/?recursive=true`)).body)).toEqual(account);
  });

  test("recursive as text is a path and its value per line", async () => {
    const { type, body } = await get("/computeMetadata/v1/project/?recursive=true&alt=text");
    expect([type, body]).toEqual(["application/text", "numeric-project-id 1234\nproject-id demo-project\n"]);
  });

  test("a value as JSON is quoted", async () => {
    const { type, body } = await get(`${ACCOUNTS}/default/email?alt=json`);
    expect([type, body]).toEqual(["application/json", JSON.stringify(TARGET)]);
  });

  test("the mutual TLS configuration is a JSON document", async () => {
    const { type, body } = await get("/computeMetadata/v1/instance/platform-security/auto-mtls-configuration");
    expect([type, JSON.parse(body)]).toEqual([
      "application/json",
      { s2a: { plaintext_address: "", mtls_address: "" } },
    ]);
  });
});

describe("tokens", () => {
  test("are the same until five minutes before their end", async () => {
    const read = async () => JSON.parse((await get(`${ACCOUNTS}/default/token`)).body);
    const first = await read();
    expect(first).toEqual({
      access_token: expect.stringMatching(/^ya29\.c\./),
      expires_in: expect.any(Number),
      token_type: "Bearer",
    });
    expect(first.expires_in).toBeGreaterThan(3500);
    stage.emulator.advanceClock(54 * 60_000);
    expect((await read()).access_token).toBe(first.access_token);
    stage.emulator.advanceClock(2 * 60_000);
    expect((await read()).access_token).not.toBe(first.access_token);
  });

  test("have the scopes that are asked for", async () => {
    const scope = "https://www.googleapis.com/auth/iam";
    const { body } = await get(`${ACCOUNTS}/default/token?scopes=${encodeURIComponent(`${scope},openid`)}`);
    const told = await fetch(`${stage.emulator.url}/tokeninfo?access_token=${JSON.parse(body).access_token}`);
    expect(await told.json()).toMatchObject({ scope: `${scope} openid` });
  });

  test("are logged as the account's, without the token", async () => {
    await get(`${ACCOUNTS}/default/token`);
    expect(stage.emulator.calls().at(-1)).toMatchObject({
      service: "metadata.google.internal",
      method: "metadata.token",
      principal: `serviceAccount:${TARGET}`,
      serviceAccount: TARGET,
      status: "OK",
    });
    expect(JSON.stringify(stage.emulator.calls())).not.toContain("ya29.");
  });
});

describe("identity", () => {
  async function verify(query: string) {
    const { body } = await get(`${ACCOUNTS}/default/identity?${query}`);
    const keys = createRemoteJWKSet(new URL(`${stage.emulator.url}/oauth2/v3/certs`));
    const currentDate = new Date(Date.now() + 56 * 60_000); // the emulator's clock was put ahead above
    return (
      await jwtVerify(body, keys, { issuer: "https://accounts.google.com", audience: "https://x.example", currentDate })
    ).payload;
  }

  test("needs an audience", async () => {
    for (const query of ["", "?audience="]) {
      const answer = await get(`${ACCOUNTS}/default/identity${query}`);
      expect(answer).toMatchObject({ code: 400, body: "non-empty audience parameter required\n" });
    }
  });

  test("names the account by its unique id alone", async () => {
    expect(await verify("audience=https://x.example")).toEqual({
      aud: "https://x.example",
      azp: uniqueId,
      sub: uniqueId,
      iss: "https://accounts.google.com",
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
  });

  test("in full tells e-mail and machine, and licenses when asked for", async () => {
    const full = await verify("audience=https://x.example&format=full");
    expect(full).toMatchObject({ email: TARGET, email_verified: true, sub: uniqueId });
    expect(full["google"]).toEqual({
      compute_engine: {
        instance_creation_timestamp: expect.any(Number),
        instance_id: "4520031799277581759",
        instance_name: "emulator-instance",
        project_id: "demo-project",
        project_number: 1234,
        zone: "us-central1-a",
      },
    });
    const licensed = await verify("audience=https://x.example&format=full&licenses=TRUE");
    expect(licensed["google"]).toMatchObject({ compute_engine: { license_id: ["5543610867827062957"] } });
  });
});

describe("wait_for_change", () => {
  test("answers after timeout_sec what has not changed", async () => {
    const { etag, body } = await get("/computeMetadata/v1/project/project-id");
    const started = performance.now();
    const answer = await get(
      `/computeMetadata/v1/project/project-id?wait_for_change=true&last_etag=${etag}&timeout_sec=1`,
    );
    expect(answer).toMatchObject({ code: 200, body, etag });
    expect(performance.now() - started).toBeGreaterThan(900);
  });

  test("answers at once what has changed since last_etag", async () => {
    const answer = await get("/computeMetadata/v1/project/project-id?wait_for_change=true&last_etag=0");
    expect(answer).toMatchObject({ code: 200, body: "demo-project" });
  });

  test("does not keep the emulator from closing", async () => {
    const other = await openStage();
    const path = "/computeMetadata/v1/project/project-id?wait_for_change=true";
    const waiting = fetch(other.emulator.url + path, { headers: FLAVOR }).then(
      () => "answered",
      () => "cut",
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    await other.close();
    expect(["answered", "cut"]).toContain(await waiting);
  });
});

test("a machine without an account has none", async () => {
  await using other = await openStage({ serviceAccounts: [], grants: [] });
  const response = await fetch(`${other.emulator.url}${ACCOUNTS}/`, { headers: FLAVOR });
  expect([response.status, await response.text()]).toEqual([200, ""]);
});

test.each([
  [{ defaultAccount: "x" }, 'metadataServer.defaultAccount must be an e-mail address, not "x"'],
  [{ numericProjectId: 0 }, "metadataServer.numericProjectId must be an integer of at least 1, not 0"],
  [{ zone: "A B" }, 'metadataServer.zone must be lowercase letters, digits and hyphens, not "A B"'],
  [
    { colour: "x" },
    "metadataServer.colour is not an option of the metadata server; valid names are defaultAccount, scopes, projectId, numericProjectId, universeDomain, instanceName, instanceId, zone, attributes, licenseIds, mtlsDirectory",
  ],
])("the option %j is refused by name", async (metadataServer, message) => {
  await expect(openStage({ metadataServer: metadataServer as object })).rejects.toThrow(new TypeError(message));
});

describe("lists", () => {
  const read = async (path: string) => {
    const url = `${stage.emulator.url}/computeMetadata/v1/${path}`;
    return (await fetch(url, { headers: { "metadata-flavor": "Google" } })).text();
  };

  test("are JSON of lists in a recursive answer, as of a real machine", async () => {
    const { instance, oslogin } = JSON.parse(await read("?recursive=true"));
    expect(instance.disks).toEqual([
      { deviceName: "persistent-disk-0", index: 0, interface: "SCSI", mode: "READ_WRITE", type: "PERSISTENT" },
    ]);
    expect(instance.networkInterfaces[0]).toMatchObject({ ip: "10.128.0.2", mtu: 1460, forwardedIps: [] });
    expect(instance.networkInterfaces[0].accessConfigs).toEqual([{ externalIp: "", type: "ONE_TO_ONE_NAT" }]);
    expect([instance.licenses, instance.tags, instance.remainingCpuTime]).toEqual([expect.any(Array), [], -1]);
    expect(instance.scheduling).toMatchObject({ automaticRestart: "TRUE", onHostMaintenance: "MIGRATE" });
    expect([instance.virtualClock, instance.guestAttributes]).toEqual([{ driftToken: 0 }, {}]);
    expect(oslogin).toEqual({ authenticate: { sessions: {} } });
  });

  test("are directories of numbers one by one, and tags are JSON without being asked for it", async () => {
    expect(await read("instance/disks/")).toBe("0/\n");
    expect(await read("instance/disks/0/mode")).toBe("READ_WRITE");
    expect(await read("instance/network-interfaces/0/access-configs/0/type")).toBe("ONE_TO_ONE_NAT");
    expect(await read("instance/tags")).toBe("[]");
    expect(await read("instance/tags?alt=json")).toBe("[]");
  });
});

describe("the root", () => {
  test("without a header is a page for browsers on the shared port, which programs know by its header", async () => {
    const { status, headers } = await fetch(stage.emulator.url);
    expect([status, headers.get("metadata-flavor"), headers.get("content-type")]).toEqual([
      200,
      "Google",
      "text/html; charset=UTF-8",
    ]);
  });

  test("without a header is answered on the metadata server's own port, and nothing else is", async () => {
    await using other = await openStage({ ports: { metadataServer: 0 } });
    const url = `http://${other.emulator.hosts.metadataServer}`;
    const root = await fetch(url);
    const seen = [root.status, root.headers.get("metadata-flavor"), await root.text()];
    expect(seen).toEqual([200, "Google", "computeMetadata/\n"]);
    expect((await fetch(`${url}/computeMetadata/v1/instance/zone`)).status).toBe(403);
  });
});
