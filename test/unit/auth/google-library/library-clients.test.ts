// SPDX-License-Identifier: Apache-2.0
// Clients of google-auth-library as credentials: by shape, in the manner of its majors, and with errors that carry no request.

import { GoogleAuth, OAuth2Client } from "google-auth-library";
import { GoogleAuthTokenProvider, metadataFromHeaders } from "../../../../src/auth/google-library/library-clients.js";
import { CredentialsError } from "../../../../src/index.js";
import { rejectionOf } from "../../../support/rejection-of.js";
import { generateKeyFile } from "../../../support/rsa-key.js";

const URL = "https://iamcredentials.googleapis.com/";
const EXPECTED = { authorization: "Bearer t", "x-goog-user-project": "p" };

describe("headers become lower-case pairs", () => {
  const pairs: [string, string][] = [
    ["Authorization", "Bearer t"],
    ["x-goog-user-project", "p"],
  ];
  test.each<[string, object]>([
    ["of a plain object, as 9 gives them", Object.fromEntries(pairs)],
    ["of Headers, as 10 gives them", new Headers(pairs)],
    ["of a Map, as any foreign Headers are iterated", new Map(pairs)],
  ])("%s", (_name, headers) => {
    expect(metadataFromHeaders(headers)).toEqual(EXPECTED);
  });
});

describe("a client of the library", () => {
  test("is asked with the URL of the service", async () => {
    const urls: unknown[] = [];
    const client = {
      getRequestHeaders: async (url?: string) => {
        urls.push(url);
        return { Authorization: "Bearer t" };
      },
    };
    const provider = new GoogleAuthTokenProvider(client, URL);
    await expect(provider.getRequestMetadata()).resolves.toEqual({ authorization: "Bearer t" });
    expect(urls).toEqual([URL]);
  });

  test("works as a real OAuth2Client", async () => {
    const client = new OAuth2Client();
    client.setCredentials({ access_token: "t", expiry_date: Date.now() + 3_600_000 });
    client.quotaProjectId = "p";
    await expect(new GoogleAuthTokenProvider(client, URL).getRequestMetadata()).resolves.toEqual(EXPECTED);
  });

  test("works as a real GoogleAuth with a key, which signs for the URL by itself", async () => {
    const auth = new GoogleAuth({ credentials: generateKeyFile().info });
    const { authorization = "" } = await new GoogleAuthTokenProvider(auth, URL).getRequestMetadata();
    const claims = JSON.parse(Buffer.from(authorization.split(".")[1] ?? "", "base64url").toString());
    expect(claims.aud).toBe(URL);
  });
});

describe("a client that fails", () => {
  class HttpError extends Error {
    readonly code = "400";
    readonly config = { data: "assertion=do-not-keep-me" };
    readonly response = { status: 400, data: { error: this.message, refresh_token: "do-not-keep-me" } };
    override readonly name = "GaxiosError";
  }

  test("rejects with a CredentialsError that keeps the reason and drops request and response", async () => {
    const beneath = new HttpError("invalid_grant");
    const provider = new GoogleAuthTokenProvider({ getRequestHeaders: () => Promise.reject(beneath) }, URL);
    const error = await rejectionOf(provider.getRequestMetadata());
    expect(error).toBeInstanceOf(CredentialsError);
    expect(error).toMatchObject({ message: "could not get a token from the given credentials: invalid_grant" });
    const { cause } = error as CredentialsError; // as: the line above says so
    expect(cause).toMatchObject({ name: "GaxiosError", message: "invalid_grant", code: "400" });
    const frames = (each: unknown) => String(Object(each).stack).split("\n").slice(1);
    expect(frames(cause)).toEqual(frames(beneath));
    expect(cause).not.toHaveProperty("config");
    expect(cause).not.toHaveProperty("response");
  });

  test("when it is asked for its universe does so, too", async () => {
    const client = {
      getRequestHeaders: () => Promise.resolve({}),
      getUniverseDomain: () => Promise.reject(new HttpError("invalid_grant")),
    };
    const error = await rejectionOf(new GoogleAuthTokenProvider(client, URL).getUniverseDomain());
    expect(error).toMatchObject({
      name: "CredentialsError",
      message: "could not get a token from the given credentials: invalid_grant",
    });
    expect((error as CredentialsError).cause).not.toHaveProperty("config"); // as: the lines above say so
  });

  test("may throw at once", async () => {
    const client = {
      getRequestHeaders: () => {
        throw new Error("no client");
      },
    };
    const error = await rejectionOf(new GoogleAuthTokenProvider(client, URL).getRequestMetadata());
    expect(error).toMatchObject({
      name: "CredentialsError",
      message: "could not get a token from the given credentials: no client",
    });
  });

  test("may throw what is no error", async () => {
    const provider = new GoogleAuthTokenProvider({ getRequestHeaders: () => Promise.reject("gone") }, URL);
    expect(await rejectionOf(provider.getRequestMetadata())).toMatchObject({
      message: "could not get a token from the given credentials: gone",
      cause: "gone",
    });
  });
});
