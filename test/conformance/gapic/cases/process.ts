// SPDX-License-Identifier: Apache-2.0
// What concerns the whole process: its environment, its warnings, and errors that nobody caught. These cases run one side after the other,
// and nothing beside them.

import { setTimeout as sleep } from "node:timers/promises";
import { setEnvironment } from "../../../support/bare-environment.js";
import { type Case, plainRequest } from "../case.js";
import { BOGUS, type Loose, outcomeOf, resultOf, type Side } from "../side.js";

/** Notes what reaches the process while something runs. */
async function watching(run: () => unknown): Promise<object> {
  const events: unknown[] = [];
  const note = (kind: string) => (what: unknown) =>
    events.push({ kind, what: what instanceof Error ? `${what.name}: ${what.message}` : what });
  const listeners = (["unhandledRejection", "uncaughtException", "warning"] as const).map(
    (kind) => [kind, note(kind)] as const,
  );
  for (const [kind, listener] of listeners) process.on(kind, listener);
  try {
    const outcome = await run();
    await sleep(30);
    return { outcome, events };
  } finally {
    for (const [kind, listener] of listeners) process.off(kind, listener);
  }
}

const within = (variables: Readonly<Record<string, string>>, run: (side: Side) => unknown) => async (side: Side) => {
  const restore = setEnvironment(variables);
  try {
    return await watching(() => run(side));
  } finally {
    restore();
  }
};

export const own = (
  title: string,
  variables: Readonly<Record<string, string>>,
  run: (side: Side) => unknown,
): Case => ({
  title: `process: ${title}`,
  run: within({ METADATA_SERVER_DETECTION: "none", ...variables }, run),
});

const identity = (client: ReturnType<Side["open"]>) => ({
  endpoint: client.apiEndpoint,
  universe: client.universeDomain,
});

/** A client of these options, and a call of it. */
export const called = (options: (side: Side) => Loose) => async (side: Side) => {
  const { value, threw } = resultOf(() => side.construct(options(side))) as {
    value?: ReturnType<Side["open"]>;
    threw?: unknown;
  }; // as: its own form
  if (value === undefined) return { threw };
  const outcome = await side.call(value, "signBlob", "promise", plainRequest(), { timeout: 1_500 });
  return { ...identity(value), outcome, closed: await outcomeOf(value.close()) };
};

const UNIVERSE = "GOOGLE_CLOUD_UNIVERSE_DOMAIN";
const local =
  (more: Loose = {}) =>
  (side: Side) =>
    side.plainOptions(more);
/** Over TLS credentials are needed. */
export const secure =
  (more: Loose = {}) =>
  (side: Side): Loose => ({ apiEndpoint: "localhost", port: side.peer.ports.tls, ...more });

/** All of them. */
export const processCases: Case[] = [
  own("the static servicePath warns", {}, (side) => side.exports.IAMCredentialsClient.servicePath),
  own("the static apiEndpoint warns", {}, (side) => side.exports.IAMCredentialsClient.apiEndpoint),
  own("the warn of a client", {}, (side) => {
    const { warn } = side.open();
    // Each code is told once.
    const code = `a code of ${side.peer.ports.plain}`;
    warn(code, "a message", "AWarning");
    warn(code, "a message once more", "AWarning");
  }),
  own("a client without options", {}, (side) => identity(side.construct())),
  own("a client without options, with the variable of the universe", { [UNIVERSE]: "u.example" }, (side) =>
    identity(side.construct()),
  ),
  own("an option beside the variable of the universe", { [UNIVERSE]: "u.example" }, (side) =>
    identity(side.construct({ universeDomain: "v.example" })),
  ),
  own("an empty variable of the universe", { [UNIVERSE]: "" }, (side) => identity(side.construct())),
  own("no credentials, and channel credentials that need none", {}, called(local({ credentials: undefined }))),
  own("no credentials", {}, called(secure())),
  own("no credentials, and a call after it", {}, async (side) => {
    const client = side.construct(secure()(side));
    const first = await side.call(client, "signBlob", "promise", plainRequest());
    return [first, await side.call(client, "signBlob", "promise", plainRequest()), await outcomeOf(client.close())];
  }),
  own(
    "credentials of another universe",
    {},
    called(local({ credentials: { ...BOGUS, universe_domain: "u.example" } })),
  ),
  own("no credentials, callback", {}, (side) =>
    side.call(side.construct(secure()(side)), "signBlob", "callback", plainRequest(), {}),
  ),
  own("no credentials, initialize()", {}, (side) => outcomeOf(side.construct(secure()(side)).initialize())),
  own("a universe that is not the credentials'", {}, called(local({ universeDomain: "u.example" }))),
  own("a universe of the variable that is not the credentials'", { [UNIVERSE]: "u.example" }, called(local())),
  own("a key file that is not there", {}, called(secure({ keyFilename: "nowhere.json" }))),
  own("a callback that throws", {}, async (side) => {
    side.shared.signBlob(plainRequest(), () => {
      throw new Error("out of the callback");
    });
    await sleep(100);
  }),
  own("a rejected call that nobody catches", {}, async (side) => {
    side.play([{ code: 7 }]);
    void side.shared.signBlob(plainRequest());
    await sleep(100);
  }),
  own("a callback that gets an error", {}, async (side) => {
    side.play([{ code: 7 }]);
    const outcome = await side.call(side.shared, "signBlob", "callback", plainRequest(), {});
    await sleep(50);
    return outcome;
  }),
  own("getProjectId() of the variable", { GOOGLE_CLOUD_PROJECT: "p-of-env" }, (side) =>
    outcomeOf(side.open().getProjectId()),
  ),
  ...(["always", "never", "auto", "sometimes"] as const).map((value) =>
    own(
      `GOOGLE_API_USE_MTLS_ENDPOINT=${value} with an own endpoint`,
      { GOOGLE_API_USE_MTLS_ENDPOINT: value },
      called(local()),
    ),
  ),
  own(
    "a client certificate asked for, and none there",
    { GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" },
    called(local({ universeDomain: "googleapis.com" })),
  ),
  own(
    "a client certificate outside of googleapis.com",
    { GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" },
    called(
      local({
        cert: "c",
        key: "k",
        universeDomain: "u.example",
        credentials: { ...BOGUS, universe_domain: "u.example" },
      }),
    ),
  ),
];
