// SPDX-License-Identifier: Apache-2.0
// What a logger hears of calls, what GOOGLE_SDK_NODE_LOGGING turns on, and that no secret is ever in it.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type ClientOptions, ConfigurationError, IAMCredentialsAsyncClient, type Logger } from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { rejectionOf } from "../support/rejection-of.js";
import { refuse, reply, type Scene, ScriptedTransport } from "../support/scripted-transport.js";
import { PLANTED } from "../support/secrets.js";
import { withEnvironment } from "../support/with-environment.js";

const ROBOT = "robot@some-project.iam.gserviceaccount.com";
const SIGNED = { keyId: "key-1", signedJwt: PLANTED.assertion };
const credentials = { getRequestMetadata: () => ({ authorization: `Bearer ${PLANTED.token}` }) };
const NOW = { retry: { initialDelay: 0 } };

let restore: () => void;
beforeEach(() => {
  restore = setEnvironment();
});
afterEach(() => restore());

type Entry = [level: string, message: string, fields: Readonly<Record<string, unknown>>];

function recorder(): { readonly logger: Logger; readonly entries: Entry[] } {
  const entries: Entry[] = [];
  const at = (level: string) => (message: string, fields: object) => void entries.push([level, message, { ...fields }]);
  return { logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, entries };
}

const clientOf = (scenes: readonly Scene[], options: ClientOptions) =>
  new IAMCredentialsAsyncClient({ transport: () => new ScriptedTransport(...scenes), credentials, ...options });
const signJwt = { name: ROBOT, payload: { sub: PLANTED.payload } };

describe("the option logger", () => {
  test("hears of the client, the new token, each attempt and the end of a call, without a secret", async () => {
    const { logger, entries } = recorder();
    await using client = clientOf([refuse("UNAVAILABLE", "try again"), reply(SIGNED)], { logger });
    await client.signJwt(signJwt, NOW);
    expect(entries.map(([level, message]) => `${level}: ${message}`)).toEqual([
      "info: client created",
      "debug: new token",
      "warn: attempt failed, will retry",
      "debug: attempt ended",
      "debug: call succeeded",
    ]);
    expect(entries[0]?.[2]).toMatchObject({
      serviceName: "IAMCredentials",
      transport: "scripted",
      universeDomain: "googleapis.com",
    });
    expect(entries[2]?.[2]).toMatchObject({
      rpcName: "IAMCredentials.SignJwt",
      attempt: 1,
      status: "UNAVAILABLE",
      error: "IAMCredentials.SignJwt: UNAVAILABLE: try again",
      nextDelayMs: 0,
    });
    expect(JSON.stringify(entries)).not.toContain(PLANTED.token);
    expect(JSON.stringify(entries)).not.toContain(PLANTED.payload);
    expect(JSON.stringify(entries)).not.toContain(PLANTED.assertion);
  });

  test("hears of a failed call once, with its status", async () => {
    const { logger, entries } = recorder();
    await using client = clientOf([refuse("PERMISSION_DENIED", "not yours")], { logger });
    await rejectionOf(client.signJwt(signJwt));
    const failures = entries.filter(([level]) => level === "error");
    expect(failures).toEqual([
      [
        "error",
        "call failed",
        expect.objectContaining({
          status: "PERMISSION_DENIED",
          error: "IAMCredentials.SignJwt: PERMISSION_DENIED: not yours",
        }),
      ],
    ]);
  });

  test("hears of credentials that fail by the name of their error alone, whose text could hold anything", async () => {
    const { logger, entries } = recorder();
    const leaky = {
      getRequestMetadata: () => {
        throw new TypeError("a text of theirs");
      },
    };
    await using client = clientOf([reply(SIGNED)], { logger, credentials: leaky });
    await rejectionOf(client.signJwt(signJwt));
    expect(entries.find(([, message]) => message === "the credentials did not return a token")?.[2]["error"]).toBe(
      "TypeError",
    );
    expect(JSON.stringify(entries)).not.toContain("a text of theirs");
  });

  test("is warned of a clientCertSource that is not used", async () => {
    const { logger, entries } = recorder();
    await clientOf([], { logger, clientCertSource: () => ({ cert: "c", key: "k" }) }).close();
    expect(entries.find(([level]) => level === "warn")?.[1]).toContain("the option clientCertSource is ignored");
  });

  test("may throw, and the call goes on", async () => {
    const fail = () => {
      throw new Error("disk full");
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    await using client = clientOf([reply(SIGNED)], { logger });
    expect(await client.signJwt(signJwt)).toEqual(SIGNED);
  });
});

test("a logger or listener that is async may reject, and the process goes on", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    const fail = async () => {
      throw new Error("disk full");
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    await using client = clientOf([reply(SIGNED)], { logger });
    expect(await client.signJwt(signJwt, { onAttempt: fail })).toEqual(SIGNED);
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    process.off("unhandledRejection", note);
  }
  expect(unhandled).toEqual([]);
});

describe("GOOGLE_SDK_NODE_LOGGING", () => {
  /** The records on standard error of a call. */
  async function written(value: string | undefined, options: ClientOptions = {}): Promise<Record<string, unknown>[]> {
    const { write } = process.stderr;
    const lines: string[] = [];
    process.stderr.write = ((text: string) => lines.push(text) > 0) as typeof write; // as: of all its forms this one is used
    try {
      const variables = value === undefined ? {} : { GOOGLE_SDK_NODE_LOGGING: value };
      const scenes = [refuse("UNAVAILABLE", "try again"), reply(SIGNED)];
      await using client = withEnvironment(variables, () => clientOf(scenes, options));
      await client.signJwt(signJwt, NOW);
    } finally {
      process.stderr.write = write;
    }
    return lines.map((line) => JSON.parse(line));
  }

  test.each([undefined, "", "pubsub,storage", "iam-credentials-else"])("with %j says nothing", async (value) => {
    expect(await written(value)).toEqual([]);
  });

  test.each(["all", "*", "iam-credentials", "pubsub, iam-credentials", "iam-credentials:*", "iam-credentials:debug"])(
    "with %j writes every record as one line of JSON, without a secret",
    async (value) => {
      const records = await written(value);
      expect(records.map(({ severity, message }) => `${severity} ${message}`)).toEqual([
        "INFO client created",
        "DEBUG new token",
        "WARNING attempt failed, will retry",
        "DEBUG attempt ended",
        "DEBUG call succeeded",
      ]);
      expect(records.every(({ name }) => name === "iam-credentials")).toBe(true);
      expect(JSON.stringify(records)).not.toContain(PLANTED.token);
    },
  );

  test.each([
    ["iam-credentials:info", 2],
    ["iam-credentials:warn", 1],
    ["all:warning", 1],
    ["iam-credentials:error", 0],
    ["iam-credentials:error,*:info", 2],
  ])("with %s writes %d records", async (value, count) => {
    expect(await written(value)).toHaveLength(count);
  });

  test("with an unknown level throws ConfigurationError that lists the levels", () => {
    const make = () => withEnvironment({ GOOGLE_SDK_NODE_LOGGING: "iam-credentials:loud" }, () => clientOf([], {}));
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(
      'GOOGLE_SDK_NODE_LOGGING: the level after "iam-credentials:" must be one of debug, info, warn, error, not "loud"',
    );
  });

  test("yields to the option logger, and to logger: false", async () => {
    const { logger, entries } = recorder();
    expect(await written("all", { logger })).toEqual([]);
    expect(entries).toHaveLength(5);
    expect(await written("all", { logger: false })).toEqual([]);
  });
});
