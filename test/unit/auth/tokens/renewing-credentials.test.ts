// SPDX-License-Identifier: Apache-2.0
// Credentials with one token: as metadata, as headers and by hand, what they tell of it, and that they show it nowhere.

import { inspect } from "node:util";
import { describe, expect, it, test } from "@jest/globals";
import { RenewingCredentials } from "../../../../src/auth/tokens/renewing-credentials.js";
import type { IssuedToken } from "../../../../src/auth/tokens/token-cache.js";
import { CredentialsError } from "../../../../src/index.js";
import { answerJson, startHttpServer } from "../../../support/http-server.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const HOUR_MS = 3_600_000;

/** Issues tokens with numbers, each for an hour. */
class Numbered extends RenewingCredentials {
  issued = 0;
  readonly universeDomain = "googleapis.com";
  readonly #clock: ManualClock;

  constructor(clock: ManualClock, quotaProjectId?: string) {
    super({ clock, refreshTimeoutMs: 10_000, quotaProjectId, boundary: undefined, issue: () => this.#issue() });
    this.#clock = clock;
  }

  async #issue(): Promise<IssuedToken> {
    this.issued++;
    return { value: `token-${this.issued}`, expiresAt: this.#clock.wallNow() + HOUR_MS, lifetimeMs: HOUR_MS };
  }
}

function open(quotaProjectId?: string) {
  const clock = new ManualClock();
  return { clock, credentials: new Numbered(clock, quotaProjectId) };
}

const request = { signal: new AbortController().signal };

describe("credentials", () => {
  it("have no token before somebody asks, and tell what they have afterwards", async () => {
    const { clock, credentials } = open();
    const { token, expiry, expired, valid, credentials: none } = credentials;
    expect([token, expiry, expired, valid, none]).toEqual([undefined, undefined, false, false, {}]);
    expect(await credentials.getAccessToken()).toEqual({ token: "token-1" });
    expect([credentials.token, credentials.valid, credentials.expired]).toEqual(["token-1", true, false]);
    expect(credentials.expiry).toEqual(new Date(clock.wallNow() + HOUR_MS));
    expect(credentials.credentials).toEqual({
      access_token: "token-1",
      expiry_date: clock.wallNow() + HOUR_MS,
      token_type: "Bearer",
    });
    await clock.advance(HOUR_MS - 224_000);
    expect([credentials.valid, credentials.expired]).toEqual([false, true]);
  });

  it("answer our clients at once while the token is good", async () => {
    const { credentials } = open("my-project");
    const metadata = { authorization: "Bearer token-1", "x-goog-user-project": "my-project" };
    expect(await credentials.getRequestMetadata(request)).toEqual(metadata);
    expect(credentials.getRequestMetadata(request)).toEqual(metadata);
    credentials.quotaProjectId = undefined;
    expect(credentials.getRequestMetadata(request)).toEqual({ authorization: "Bearer token-1" });
    expect(credentials.issued).toBe(1);
  });

  it("give each caller headers of its own, whose pairs are properties, too", async () => {
    const { credentials } = open("my-project");
    const [first, second] = [await credentials.getRequestHeaders(), await credentials.getRequestHeaders()];
    first.set("authorization", "spoiled");
    expect([second.get("authorization"), second.get("x-goog-user-project")]).toEqual(["Bearer token-1", "my-project"]);
    expect({ ...second }).toMatchObject({ authorization: "Bearer token-1", "x-goog-user-project": "my-project" });
  });

  it("write authorization into headers of either kind, of the token at hand or another", async () => {
    const { credentials } = open();
    expect(() => credentials.apply({})).toThrow(
      new CredentialsError("there is no token yet; await refresh() or beforeRequest() first"),
    );
    const [plain, headers] = [{} as Record<string, string>, new Headers()];
    await credentials.beforeRequest(plain);
    credentials.apply(headers, "other");
    expect([plain["authorization"], headers.get("authorization")]).toEqual(["Bearer token-1", "Bearer other"]);
  });

  it("take over a token that was had elsewhere, and drop theirs without one", async () => {
    const { clock, credentials } = open();
    credentials.setCredentials({ access_token: "given", expiry_date: clock.wallNow() + HOUR_MS });
    expect(await credentials.getAccessToken()).toEqual({ token: "given" });
    credentials.setCredentials({});
    expect(await credentials.getAccessToken()).toEqual({ token: "token-1" });
    credentials.setCredentials({ access_token: "given" });
    expect(credentials.expiry).toEqual(new Date(clock.wallNow() + HOUR_MS));
  });

  it("renew when they are told to, and tell listeners of each token", async () => {
    const { credentials } = open();
    const told: unknown[] = [];
    credentials.on("tokens", ({ access_token }) => told.push(access_token));
    await credentials.refresh();
    await credentials.refresh();
    expect([credentials.token, told]).toEqual(["token-2", ["token-1", "token-2"]]);
  });

  it("leave a caller whose signal aborts its own reason", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    expect(await rejectionOf(open().credentials.getAccessToken({ signal }))).toBe(reason);
    expect(await rejectionOf(open().credentials.getRequestHeaders(undefined, { signal }))).toBe(reason);
  });

  it("show no token, however they are printed", async () => {
    const { credentials } = open();
    await credentials.refresh();
    for (const options of [{}, { depth: 9 }, { showHidden: true, depth: 9 }]) {
      expect(inspect(credentials, options)).not.toContain("token-1");
    }
    expect(inspect(credentials)).toMatch(/^Numbered \{\s+quotaProjectId: undefined,\s+expiry: .*,\s+valid: true\s+\}$/);
    expect(JSON.stringify(credentials)).not.toContain("token-1");
  });

  it("are as google-auth-library wants an AuthClient", async () => {
    const { credentials } = open();
    expect([credentials.eagerRefreshThresholdMillis, credentials.forceRefreshOnFailure]).toEqual([225_000, true]);
    expect(await credentials.getUniverseDomain()).toBe("googleapis.com");
  });
});

test("a request that is refused with 401 is made once more, with a new token", async () => {
  const { credentials } = open();
  await using server = await startHttpServer((incoming, response) => {
    if (incoming.headers.authorization === "Bearer token-1") response.writeHead(401).end();
    else answerJson({ ok: true })(incoming, response);
  });
  const { data } = await credentials.request<{ ok: boolean }>({ url: `http://${server.host}/x` });
  expect([data, credentials.issued]).toEqual([{ ok: true }, 2]);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer token-1", "Bearer token-2"]);
  const fetched = await credentials.fetch<{ ok: boolean }>(`http://${server.host}/y`);
  expect([fetched.data, server.requests.at(-1)?.url]).toEqual([{ ok: true }, "/y"]);
});
