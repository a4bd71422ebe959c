// SPDX-License-Identifier: Apache-2.0
// The road of a call: the token, and everything that credentials can do wrong. Jest fails a test in which a rejection stays
// unhandled.

import { inspect } from "node:util";
import { ConfigurationError, CredentialsError, type TokenProvider, type TokenRequest } from "../../../../src/index.js";
import { rejectionOf, rpcErrorOf } from "../../../support/rejection-of.js";
import { SIGN_BLOB, SIGNED, scriptedClient } from "../../../support/scripted-client.js";
import { refuse, reply, type Scene } from "../../../support/scripted-transport.js";

function withProvider(getRequestMetadata: (request: TokenRequest) => unknown) {
  const credentials: TokenProvider = { getRequestMetadata: (request) => getRequestMetadata(request) as never }; // as: may be wrong on purpose
  return scriptedClient(() => [reply(SIGNED)], { credentials });
}

describe("credentials may answer", () => {
  const METADATA = { authorization: "Bearer t", "x-goog-user-project": "p" };
  const thenable = {
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library is what is meant
    then: (resolve: (value: unknown) => void) => resolve(METADATA),
  };
  test.each([
    ["at once", () => METADATA],
    ["with a promise", async () => METADATA],
    ["with a promise of another library", () => thenable],
  ])("%s", async (_name, answer) => {
    const { client, transport } = withProvider(answer);
    await client.signBlob(SIGN_BLOB);
    expect(transport.valuesOf(0, "authorization")).toEqual(["Bearer t"]);
    expect(transport.valuesOf(0, "x-goog-user-project")).toEqual(["p"]);
  });
});

test("credentials that abort the call themselves and answer all the same abort it on a given transport, too", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const credentials = {
    getRequestMetadata() {
      controller.abort(reason);
      return { authorization: "Bearer t" };
    },
  };
  const scene: Scene = ({ signal }) => signal?.throwIfAborted() ?? SIGNED;
  const { client } = scriptedClient(() => [scene], { credentials });
  expect(await rejectionOf(client.signBlob(SIGN_BLOB, { signal: controller.signal }))).toBe(reason);
});

describe("credentials that fail", () => {
  const BROKEN = new TypeError("the disk is gone");
  test.each([
    [
      "throw",
      () => {
        throw BROKEN;
      },
    ],
    ["reject", () => Promise.reject(BROKEN)],
  ])("reject the call with a CredentialsError when they %s, and nothing is sent", async (_name, answer) => {
    const { client, transport } = withProvider(answer);
    const error = await rejectionOf(client.signBlob(SIGN_BLOB));
    expect(error).toBeInstanceOf(CredentialsError);
    expect(error).toMatchObject({
      message: "IAMCredentials.SignBlob: could not get a token from the credentials: TypeError: the disk is gone",
      cause: BROKEN,
    });
    expect(transport.calls).toEqual([]);
  });

  test("reject the call without repeating a token that their error has", async () => {
    const { client } = withProvider(() => Promise.reject(new Error("the vault sent Bearer ya29.do-not-quote-me")));
    expect(await rejectionOf(client.signBlob(SIGN_BLOB))).toMatchObject({
      message:
        "IAMCredentials.SignBlob: could not get a token from the credentials: Error: the vault sent Bearer [hidden]",
    });
  });

  test("reject the call with a cause that holds no secret, such as the request that failed", async () => {
    const failed = Object.assign(new Error("Request failed with status code 400"), {
      code: "ERR_BAD_REQUEST",
      config: {
        headers: { Authorization: "Bearer ya29.do-not-quote-me" },
        data: "assertion=eyJhbGciOiJSUzI1NiJ9.e30.sig",
      },
    });
    const { client } = withProvider(() => Promise.reject(failed));
    const error = await rejectionOf(client.signBlob(SIGN_BLOB));
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/do-not-quote-me|eyJ/);
    const { cause } = error as Error;
    expect(cause).toMatchObject({ message: "Request failed with status code 400", code: "ERR_BAD_REQUEST" });
    expect(String((cause as Error).stack)).toContain("credentials.test.ts");
  });

  test.each([new CredentialsError("log in"), new ConfigurationError("key: is wrong")])(
    "hand on an error of ours as it is: %s",
    async (ours) => {
      const { client } = withProvider(() => Promise.reject(ours));
      expect(await rejectionOf(client.signBlob(SIGN_BLOB))).toBe(ours);
    },
  );

  test("are not asked again within the call", async () => {
    let asked = 0;
    const { client } = withProvider(() => {
      asked++;
      throw new Error("no");
    });
    await rejectionOf(client.signBlob(SIGN_BLOB));
    expect(asked).toBe(1);
  });

  const SECRET = "ya29.do-not-quote-me";
  test.each([
    ["nothing", undefined, 'the credentials returned no metadata, such as { authorization: "Bearer …" }'],
    ["the bare token", SECRET, 'the credentials returned no metadata, such as { authorization: "Bearer …" }'],
    [
      "a number",
      { authorization: 7 },
      'the credentials returned a value of "authorization" that is not printable ASCII',
    ],
    [
      "a token that ends in a newline",
      { authorization: `Bearer ${SECRET}\n` },
      'the credentials returned a value of "authorization" that is not printable ASCII',
    ],
    [
      "a key with capitals",
      { Authorization: SECRET },
      'the credentials returned the key "Authorization", which is not a lowercase metadata key',
    ],
  ])("with %s, at once or later, reject the call without quoting it", async (_name, answer, problem) => {
    for (const provide of [() => answer, async () => answer]) {
      const { client, transport } = withProvider(provide);
      const error = await rejectionOf(client.signBlob(SIGN_BLOB));
      expect(error).toBeInstanceOf(CredentialsError);
      expect(error).toMatchObject({ message: `IAMCredentials.SignBlob: ${problem}` });
      expect(transport.calls).toEqual([]);
    }
  });
});

describe("credentials that hang", () => {
  const hanging = () => {
    let seen: AbortSignal | undefined;
    const made = withProvider(({ signal }) => {
      seen = signal;
      return new Promise(() => undefined);
    });
    return { ...made, signalOf: () => seen };
  };

  test("end with the total deadline, as DEADLINE_EXCEEDED that says what it waited for", async () => {
    const { client, clock, transport, signalOf } = hanging();
    const error = await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB, { timeout: 5_000 })));
    expect(error.message).toBe(
      "IAMCredentials.SignBlob: DEADLINE_EXCEEDED: the deadline of 5000 ms passed after 1 attempt",
    );
    expect(error).toMatchObject({ code: 4, attempts: 1 });
    expect(error.cause).toMatchObject({
      message: "IAMCredentials.SignBlob: DEADLINE_EXCEEDED: the credentials did not return a token in time",
    });
    expect(clock.now()).toBe(5_000);
    expect(transport.calls).toEqual([]);
    expect(signalOf()?.aborted).toBe(true);
  });

  test("end with the caller's signal and its reason, of which the provider hears", async () => {
    const { client, clock, signalOf } = hanging();
    const controller = new AbortController();
    const call = rejectionOf(client.signBlob(SIGN_BLOB, { signal: controller.signal }));
    await clock.advance(10);
    expect(signalOf()?.aborted).toBe(false);
    controller.abort("enough");
    expect(await call).toBe("enough");
    expect(signalOf()).toMatchObject({ aborted: true, reason: "enough" });
    expect(clock.waits).toEqual([]);
  });

  test("may reject later without harm", async () => {
    let rejectLate = (_reason: Error): void => undefined;
    const { client, clock } = withProvider(
      () =>
        new Promise((_resolve, reject) => {
          rejectLate = reject;
        }),
    );
    await rpcErrorOf(clock.drive(client.signBlob(SIGN_BLOB, { timeout: 5_000 })));
    rejectLate(new Error("too late"));
    await clock.advance(0);
  });

  test("leave the transport what is left of the whole, and nothing scheduled, when they answer late", async () => {
    const { client, clock, transport } = withProvider(
      () => new Promise((resolve) => void clock.schedule(4_000, () => resolve({ authorization: "Bearer late" }))),
    );
    await clock.drive(client.signBlob(SIGN_BLOB, { timeout: 5_000 }));
    expect(transport.calls.map((call) => call.timeoutMs)).toEqual([1_000]);
    expect(clock.waits).toEqual([]);
  });
});

describe("the caller's own authorization", () => {
  test("stands in for the credentials, which are not asked", async () => {
    const { client, transport, provider } = scriptedClient(() => [reply(SIGNED)]);
    await client.signBlob(SIGN_BLOB, { metadata: { Authorization: "Bearer mine" } });
    expect(transport.valuesOf(0, "authorization")).toEqual(["Bearer mine"]);
    expect(provider.asked).toBe(0);
  });

  test("is the same in every attempt", async () => {
    const { client, clock, transport } = scriptedClient(() => [refuse("UNAVAILABLE"), reply(SIGNED)]);
    await clock.drive(client.signBlob(SIGN_BLOB, { metadata: { authorization: "Bearer mine" } }));
    expect(transport.valuesOf(1, "authorization")).toEqual(["Bearer mine"]);
  });
});

test("what credentials gave is looked at again when it is another, and when something stands beside it", async () => {
  const good = { authorization: "Bearer good" };
  const answers: Record<string, string>[] = [
    good,
    good,
    { ...good, "x-note": "caf\u00e9" },
    { authorization: "Bearer \n" },
  ];
  const provider = { getRequestMetadata: () => answers.shift() ?? good };
  const { client } = scriptedClient(() => [reply(SIGNED)], { credentials: provider });
  await client.signBlob(SIGN_BLOB);
  await client.signBlob(SIGN_BLOB);
  for (const wrong of ["x-note", "authorization"]) {
    expect(String(await rejectionOf(client.signBlob(SIGN_BLOB)))).toContain(
      `the credentials returned a value of "${wrong}" that is not printable ASCII`,
    );
  }
  await client.signBlob(SIGN_BLOB);
});
