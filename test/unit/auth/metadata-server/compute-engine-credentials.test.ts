// SPDX-License-Identifier: Apache-2.0
// Credentials of a machine's service account, against a metadata server and the emulator.

import { startEmulator } from "../../../../src/emulator/index.js";
import {
  ComputeEngineCredentials,
  ComputeEngineIdTokenCredentials,
  ConfigurationError,
  CredentialsError,
  IAMCredentialsAsyncClient,
} from "../../../../src/index.js";
import { CLOUD, MACHINE, type MachineStage, OTHER, openMachineStage, STORAGE } from "../../../support/machine-stage.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { freeHost } from "../../../support/raw-server.js";
import { rejectionOf } from "../../../support/rejection-of.js";
import { settle } from "../../../support/wait-until.js";

let stage: MachineStage;
beforeEach(async () => {
  stage = await openMachineStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const paths = () => stage.metadata.requests.map(({ path }) => path.replace("/computeMetadata/v1/", ""));

describe("ComputeEngineCredentials", () => {
  test("a hundred callers at once ask for one token, which works, with the header of Google's statistics", async () => {
    const credentials = new ComputeEngineCredentials();
    await Promise.all(Array.from({ length: 100 }, () => credentials.getRequestHeaders()));
    expect(paths().sort()).toEqual([
      "instance/service-accounts/default/?recursive=true",
      "instance/service-accounts/default/token",
    ]);
    const token = stage.metadata.requests.find(({ path }) => path.endsWith("/token"));
    expect(token?.headers["metadata-flavor"]).toBe("Google");
    expect(token?.headers["x-goog-api-client"]).toMatch(
      /^gl-node\/\S+ auth\/\S+ auth-request-type\/at cred-type\/mds$/,
    );
    const client = new IAMCredentialsAsyncClient({ apiEndpoint: stage.emulator.host, insecure: true, credentials });
    await client.signBlob({ name: MACHINE, payload: Buffer.from("to be signed") });
    expect(stage.emulator.calls().at(-1)?.principal).toBe(`serviceAccount:${MACHINE}`);
    await client.close();
  });

  test("before the first token it knows no e-mail and no scopes; the token brings both", async () => {
    const credentials = new ComputeEngineCredentials({ quotaProjectId: "billed" });
    expect(credentials).toMatchObject({
      serviceAccountEmail: "default",
      scopes: undefined,
      requiresScopes: true,
      token: undefined,
      valid: false,
      expired: false,
    });
    expect(credentials.hasScopes([CLOUD])).toBe(false);
    await credentials.refresh();
    expect(credentials).toMatchObject({
      serviceAccountEmail: MACHINE,
      scopes: [CLOUD],
      requiresScopes: false,
      valid: true,
    });
    expect(credentials.hasScopes([CLOUD])).toBe(true);
    expect(credentials.getCredInfo()).toEqual({
      credentialSource: "metadata server",
      credentialType: "VM credentials",
      principal: MACHINE,
    });
    const headers: Record<string, string> = {};
    credentials.apply(headers);
    expect(headers).toEqual({ authorization: `Bearer ${credentials.token}`, "x-goog-user-project": "billed" });
    credentials.apply(headers, "another");
    expect(headers["authorization"]).toBe("Bearer another");
  });

  test("where requests may go is looked up behind their back, and sent with the next ones, if it is asked for", async () => {
    const allowedLocations = { locations: ["us-central1"], encodedLocations: "0xA30" };
    await using confined = await startEmulator({
      serviceAccounts: [MACHINE],
      allowedLocations,
      metadataServer: { defaultAccount: MACHINE },
    });
    process.env["GCE_METADATA_HOST"] = confined.host;
    process.env["IAM_CREDENTIALS_EMULATOR_HOST"] = confined.host;
    const headerOf = async (credentials: ComputeEngineCredentials) =>
      (await credentials.getRequestHeaders()).get("x-allowed-locations");
    const credentials = new ComputeEngineCredentials({ regionalAccessBoundary: true });
    expect(await headerOf(credentials)).toBeNull();
    let sent: string | null = null;
    for (let round = 0; round < 500 && sent === null; round++) {
      await settle(1);
      sent = await headerOf(credentials);
    }
    expect(sent).toBe(allowedLocations.encodedLocations);
    const off = new ComputeEngineCredentials();
    await headerOf(off);
    await settle();
    expect(await headerOf(off)).toBeNull();
  });

  test("beforeRequest gets a token when there is none; apply says that there is none", async () => {
    const credentials = new ComputeEngineCredentials();
    expect(() => credentials.apply({})).toThrow(
      new CredentialsError("there is no token yet; await refresh() or beforeRequest() first"),
    );
    const headers = new Headers();
    await credentials.beforeRequest(headers);
    expect(headers.get("authorization")).toBe(`Bearer ${credentials.token}`);
  });

  test("the token is asked of the configured account, with the scopes that were asked for", async () => {
    const credentials = new ComputeEngineCredentials({ serviceAccountEmail: OTHER, scopes: [CLOUD, STORAGE] });
    await credentials.refresh();
    const scopes = new URLSearchParams({ scopes: `${CLOUD},${STORAGE}` });
    expect(paths()).toContain(`instance/service-accounts/${OTHER}/token?${scopes}`);
    expect(credentials.scopes).toEqual([CLOUD, STORAGE]);
    const withDefaults = credentials.withScopes([], [STORAGE]);
    expect(withDefaults.token).toBeUndefined();
  });

  test("copies keep account, project and universe, and have no token", async () => {
    const credentials = new ComputeEngineCredentials({ serviceAccountEmail: OTHER, quotaProjectId: "billed" });
    await credentials.refresh();
    const copy = credentials.withUniverseDomain("example.com").withScopes([STORAGE]);
    expect(copy).toMatchObject({
      serviceAccountEmail: OTHER,
      quotaProjectId: "billed",
      universeDomain: "example.com",
      scopes: [STORAGE],
      token: undefined,
    });
    expect(await copy.getUniverseDomain()).toBe("example.com");
    expect(credentials.withQuotaProject("other").quotaProjectId).toBe("other");
  });

  test("the universe is asked once; where the server knows of none it is googleapis.com", async () => {
    const credentials = new ComputeEngineCredentials();
    expect(await credentials.getUniverseDomain()).toBe("googleapis.com");
    await credentials.getUniverseDomain();
    expect(paths()).toEqual(["universe/universe-domain"]);
    expect(await credentials.getCredentials()).toEqual({ client_email: MACHINE, universe_domain: "googleapis.com" });
    expect(await credentials.getProjectId()).toBe("my-project");
  });

  test("an unknown account is refused with status and answer", async () => {
    const credentials = new ComputeEngineCredentials({
      serviceAccountEmail: "nobody@my-project.iam.gserviceaccount.com",
    });
    const error = await rejectionOf(credentials.refresh());
    expect(error).toBeInstanceOf(CredentialsError);
    expect((error as Error).message).toMatch(
      /^Failed to retrieve http:\/\/127.* from the Google Compute Engine metadata service\. Status: 404 Response: <!DOCTYPE/,
    );
  });

  test("an answer without the header Metadata-Flavor is nobody's, and no token is taken from it", async () => {
    stage.metadata.answer = () => ({ body: { access_token: "a stranger's", expires_in: 3599, email: "a@b" } });
    const error = await rejectionOf(new ComputeEngineCredentials().refresh());
    expect((error as Error).message).toMatch(/the response has no header "Metadata-Flavor: Google"/);
  });

  test("when one of the questions behind a token fails, the other is not asked on", async () => {
    const flavor = { "metadata-flavor": "Google" };
    stage.metadata.answer = ({ path }) => ({ status: path.endsWith("/token") ? 503 : 404, headers: flavor, body: "" });
    const clock = new ManualClock();
    await rejectionOf(new ComputeEngineCredentials({ clock }).refresh());
    await clock.advance(0);
    expect(clock.waits).toEqual([]);
  });

  test("a server that is not there yet, as in the first seconds of a GKE pod, is asked again after 1, 2 and 4 seconds", async () => {
    const port = Number((await freeHost()).split(":")[1]);
    await stage.metadata.close();
    process.env["GCE_METADATA_HOST"] = `127.0.0.1:${port}`;
    const clock = new ManualClock();
    const credentials = new ComputeEngineCredentials({ clock, refreshTimeout: 600_000 });
    const refresh = credentials.refresh();
    let isDone = false;
    void refresh.then(() => {
      isDone = true;
    });
    const waits = new Set<number>();
    for (let turn = 0; turn < 4_000 && !isDone; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      // The deadline of the refresh and those of requests are longer or shorter than these.
      const [sleeping] = clock.waits.filter((ms) => ms <= 8_000 && ms !== 3_000);
      if (sleeping === undefined) continue;
      waits.add(sleeping);
      if (waits.size === 3) await stage.metadata.listen(port);
      await clock.advance(sleeping);
    }
    await refresh;
    expect([...waits]).toEqual([1_000, 2_000, 4_000]);
    expect(credentials.valid).toBe(true);
  });

  test("wrong options are refused by name", () => {
    expect(() => new ComputeEngineCredentials({ serviceAccountEmail: "a/b" })).toThrow(
      new ConfigurationError('serviceAccountEmail: must be an e-mail address, or "default"'),
    );
    expect(() => new ComputeEngineCredentials({ scopes: ["a b"] })).toThrow(
      new ConfigurationError("scopes: must be an array of OAuth scopes"),
    );
    const wrong: [object, RegExp][] = [
      [{ account: "a" }, /^account: no such option; valid names are /],
      [{ refreshTimeout: "5" }, /^refreshTimeout: must be a positive number of milliseconds$/],
      [{ universeDomain: "" }, /^universeDomain: must be a domain such as googleapis.com$/],
      [{ metadataTlsFolder: 5 }, /^metadataTlsFolder: must be the path to a directory$/],
      [{ quotaProjectId: "two\nlines" }, /^quotaProjectId: must be a project ID$/],
      [{ regionalAccessBoundary: "true" }, /^regionalAccessBoundary: must be a boolean$/],
    ];
    for (const [options, message] of wrong) expect(() => new ComputeEngineCredentials(options)).toThrow(message);
    const asText = { targetAudience: "a", useMetadataIdentityEndpoint: "true" } as object;
    // as: wrong on purpose
    expect(() => new ComputeEngineIdTokenCredentials(asText as { targetAudience: string })).toThrow(
      new ConfigurationError("useMetadataIdentityEndpoint: must be a boolean"),
    );
  });
});

describe("detection", () => {
  test("says yes to a server that answers with the right header, and no to another", async () => {
    expect(await ComputeEngineCredentials.isAvailable()).toBe(true);
    stage.metadata.answer = () => ({ body: "a captive portal" });
    process.env["METADATA_SERVER_DETECTION"] = "ping-only";
    expect(await ComputeEngineCredentials.isAvailable()).toBe(false);
  });

  test("NO_GCE_CHECK=true and METADATA_SERVER_DETECTION=none say no without asking, assume-present yes", async () => {
    process.env["NO_GCE_CHECK"] = "true";
    expect(await ComputeEngineCredentials.isAvailable()).toBe(false);
    delete process.env["NO_GCE_CHECK"];
    process.env["METADATA_SERVER_DETECTION"] = "none";
    expect(await ComputeEngineCredentials.isAvailable()).toBe(false);
    process.env["METADATA_SERVER_DETECTION"] = "assume-present";
    expect(await ComputeEngineCredentials.isAvailable()).toBe(true);
    expect(stage.metadata.requests).toEqual([]);
  });

  test("says no, without throwing, where nobody listens, and when its signal aborts", async () => {
    process.env["GCE_METADATA_HOST"] = await freeHost();
    const clock = new ManualClock();
    const available = ComputeEngineCredentials.isAvailable({ clock, signal: AbortSignal.timeout(50) });
    expect(await available).toBe(false);
  });
});
