// SPDX-License-Identifier: Apache-2.0
// How the drop-in asks google-auth-library: what it sets up, what it refuses first, and what becomes of its errors.

import { describe, expect, it, test } from "@jest/globals";
import { GoogleAuth } from "google-auth-library";
import type { AuthClient } from "../../../../src/gapic/stub/auth-library.js";
import {
  authClientOf,
  checkPaths,
  GoogleAuthCredentials,
  universeOfAuth,
} from "../../../../src/gapic/stub/credentials-option.js";
import type { SettledOptions } from "../../../../src/gapic/stub/gax-client-options.js";
import { rejectionOf, rpcErrorOf } from "../../../support/rejection-of.js";

// as: what JavaScript may give
const settled = (given: object) => ({ given }) as unknown as SettledOptions;
const client = (getRequestHeaders: (url: string) => Promise<unknown>) =>
  ({ getRequestHeaders }) as unknown as AuthClient;
const ask = (getRequestHeaders: (url: string) => Promise<unknown>) =>
  new GoogleAuthCredentials(client(getRequestHeaders), "https://h/google.iam").getRequestMetadata();

const KEY = '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----"}';

describe("a path", () => {
  test.each([
    ["keyFilename", { keyFilename: KEY }, {}],
    ["keyFile", { keyFile: KEY }, {}],
    ["GOOGLE_APPLICATION_CREDENTIALS", {}, { GOOGLE_APPLICATION_CREDENTIALS: KEY }],
  ])("that is the contents of a file is refused by the name %s, and not quoted", (name, given, environment) => {
    let message = "";
    try {
      checkPaths(settled(given), environment);
    } catch (error) {
      message = String(error);
    }
    expect(message).toMatch(new RegExp(`^ConfigurationError: ${name}: `));
    expect(message).not.toContain("PRIVATE KEY");
  });

  test.each([[{ auth: {} }], [{ authClient: {} }], [{ credentials: {} }], [{ apiKey: "k" }]])(
    "is not looked at where %j goes before it",
    (given) => {
      const environment = { GOOGLE_APPLICATION_CREDENTIALS: KEY };
      expect(() => checkPaths(settled({ keyFilename: KEY, ...given }), environment)).not.toThrow();
    },
  );
});

describe("credentials of google-auth-library", () => {
  it("are asked for the service, and give what they put into headers", async () => {
    const urls: string[] = [];
    const metadata = await ask(async (url) => {
      urls.push(url);
      return { Authorization: "Bearer x", "x-goog-user-project": "p" };
    });
    expect(metadata).toMatchObject({ authorization: "Bearer x", "x-goog-user-project": "p" });
    expect(urls).toEqual(["https://h/google.iam"]);
  });

  test.each([
    [undefined, 2, "Getting metadata from plugin failed with error: no network"],
    [14, 14, "Getting metadata from plugin failed with error: no network"],
    ["ENOTFOUND", 2, "Getting metadata from plugin failed with error: no network"],
    [
      5,
      13,
      "Invalid status from control plane: 5 NOT_FOUND Getting metadata from plugin failed with error: no network",
    ],
  ])("that fail with the code %s end the attempt with %d, as where a channel asks", async (code, expected, text) => {
    const error = await rpcErrorOf(ask(() => Promise.reject(Object.assign(new Error("no network"), { code }))));
    expect(error.code).toBe(expected);
    expect(error.message).toContain(text);
  });
});

describe("an auth", () => {
  it("gives its client; a client stands for itself", async () => {
    const own = client(async () => ({}));
    const auth = new GoogleAuth({ authClient: own as never }); // as: of the contract it has what is asked for
    expect(await authClientOf(auth as never)).toBe(own);
    expect(await authClientOf(own)).toBe(own);
  });

  it("that finds no credentials rejects with what the library says, as one line of it", async () => {
    const auth = { getClient: () => Promise.reject(new Error("Could not load the default credentials.")) };
    expect(await rejectionOf(authClientOf(auth as never))).toMatchObject({
      message: expect.stringContaining("Could not load the default credentials."),
    });
  });

  it("tells its universe, asked or known, or none", async () => {
    expect(await universeOfAuth({ getUniverseDomain: async () => "u.example" } as never)).toBe("u.example");
    expect(await universeOfAuth({ universeDomain: "u.example" } as never)).toBe("u.example");
    expect(await universeOfAuth({} as never)).toBeUndefined();
  });
});
