// SPDX-License-Identifier: Apache-2.0
// Clients from their making to their end: initialize(), close() in every state, stubs and inner calls that a program replaces.

import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../../../support/wait-until.js";
import { type Case, plainRequest } from "../case.js";
import { type GapicClient, type Loose, METHODS, outcomeOf, resultOf, type Side } from "../side.js";

/** What tests of a program replace: members by name. */
const innerCalls = (client: GapicClient) => client.innerApiCalls as Loose; // as: its type names no method

const life = (title: string, run: Case["run"]): Case => ({ title: `lifetime: ${title}`, run });

const states: Case[] = [
  life("a new client", (side) => {
    const client = side.open();
    const { iAMCredentialsStub, innerApiCalls, descriptors } = client;
    return { iAMCredentialsStub, innerApiCalls, descriptors, warn: client.warn };
  }),
  life("initialize() sets the stub and the inner calls at once", async (side) => {
    const client = side.open();
    const promise = client.initialize();
    const { iAMCredentialsStub, innerApiCalls } = client;
    const seen = { isSame: promise === iAMCredentialsStub, isPromise: promise instanceof Promise, innerApiCalls };
    const again = client.initialize() === promise;
    await promise;
    return { ...seen, again, names: Object.keys(innerApiCalls) };
  }),
  life("a call initializes", async (side) => {
    const client = side.open();
    const call = client.signBlob(plainRequest());
    const seen = { isSet: client.iAMCredentialsStub instanceof Promise, names: Object.keys(client.innerApiCalls) };
    await call;
    return seen;
  }),
  life("the stub has both spellings", async (side) => {
    const stub = (await side.open().initialize()) as unknown as Loose; // as: a stub's type names no method
    return METHODS.map((method) => {
      const upper = method.charAt(0).toUpperCase() + method.slice(1);
      return [typeof stub[method], typeof stub[upper], typeof stub["close"]];
    });
  }),
  life("a call of the stub itself", async (side) => {
    const stub = (await side.open().initialize()) as unknown as Record<string, (...args: unknown[]) => unknown>; // as: as above
    return outcomeOf(
      new Promise((resolve) => {
        stub["signBlob"]?.({ name: "a", payload: Buffer.from("x") }, (...args: unknown[]) => resolve(args));
      }),
    );
  }),
];

const ended: Case[] = [
  life("close() before anything", async (side) => {
    const client = side.open();
    const closed = await outcomeOf(client.close());
    return { closed, after: await side.call(client, "signBlob", "promise", plainRequest()) };
  }),
  life("close() after initialize()", async (side) => {
    const client = side.open();
    await client.initialize();
    const closed = await outcomeOf(client.close());
    return { closed, after: await side.call(client, "signBlob", "promise", plainRequest()) };
  }),
  life("close() right after initialize()", async (side) => {
    const client = side.open();
    void client.initialize();
    const closed = await outcomeOf(client.close());
    return { closed, after: await side.call(client, "signBlob", "promise", plainRequest()) };
  }),
  ...(["promise", "callback", "callback without options"] as const).flatMap((form) =>
    METHODS.map((method) =>
      life(`${method} after close(), ${form}`, async (side) => {
        const client = side.open();
        await client.signBlob(plainRequest());
        await client.close();
        return side.call(client, method, form, plainRequest(), {});
      }),
    ),
  ),
  life("a call after close(), without retry", async (side) => {
    const client = side.open();
    await client.signBlob(plainRequest());
    await client.close();
    return side.call(client, "signBlob", "promise", plainRequest(), { retry: null });
  }),
  life("close() twice", async (side) => {
    const client = side.open();
    await client.signBlob(plainRequest());
    return [await outcomeOf(client.close()), await outcomeOf(client.close())];
  }),
  life("close() while a call is under way", async (side) => {
    const client = side.open();
    await client.initialize();
    side.play([{ code: 9, details: "late", afterMs: 300 }]);
    const call = side.call(client, "signBlob", "promise", plainRequest());
    await waitUntil("the call arrives", () => side.heard.length === 1);
    const closed = await outcomeOf(client.close());
    return { closed, call: await call, after: await side.call(client, "signBlob", "promise", plainRequest()) };
  }),
  life("close() in the tick of a call", async (side) => {
    const client = side.open();
    await client.initialize();
    const call = side.call(client, "signBlob", "promise", plainRequest());
    const closed = await outcomeOf(client.close());
    return { closed, call: await call };
  }),
  life("initialize() after close()", async (side) => {
    const client = side.open();
    const first = client.initialize();
    await first;
    await client.close();
    return { isSame: client.initialize() === first, after: await side.call(client, "signJwt", "promise", {}) };
  }),
  life("two clients, one closed", async (side) => {
    const [one, other] = [side.open(), side.open()];
    await one.signBlob(plainRequest());
    await one.close();
    return side.call(other, "signBlob", "promise", plainRequest());
  }),
];

/** Puts something in the place of an inner call, as tests of a program do. */
function stubbed(title: string, make: (seen: Loose) => unknown, form: "promise" | "callback" = "promise"): Case {
  return life(`an inner call that ${title}, ${form}`, async (side) => {
    const client = side.open();
    await client.initialize();
    const seen: Loose = {};
    innerCalls(client)["signBlob"] = make(seen);
    return { outcome: await side.call(client, "signBlob", form, plainRequest(), { timeout: 5 }), seen };
  });
}

type Inner = (request: unknown, options: unknown, callback?: (...args: unknown[]) => void) => unknown;

const noted =
  (answer: Inner) =>
  (seen: Loose): Inner =>
  (request, options, callback) => {
    Object.assign(seen, { request, options, callback: typeof callback });
    return answer(request, options, callback);
  };

const stubs: Case[] = [
  stubbed(
    "answers",
    noted(() => Promise.resolve([{ keyId: "stub" }, null, null])),
  ),
  stubbed(
    "answers with more",
    noted(() => Promise.resolve([{ keyId: "stub" }, { next: 1 }, { raw: 2 }, "more"])),
  ),
  stubbed(
    "answers with one thing",
    noted(() => Promise.resolve([{ keyId: "stub" }])),
  ),
  stubbed(
    "rejects",
    noted(() => Promise.reject(Object.assign(new Error("stubbed"), { code: 7 }))),
  ),
  stubbed(
    "rejects with no error",
    noted(() => Promise.reject("text")),
  ),
  stubbed(
    "throws",
    noted(() => {
      throw new Error("thrown");
    }),
  ),
  stubbed(
    "returns nothing",
    noted(() => undefined),
  ),
  stubbed("is missing", () => undefined),
  stubbed(
    "calls back",
    noted((_request, _options, callback) => void callback?.(null, { keyId: "stub" })),
    "callback",
  ),
  stubbed(
    "calls back with an error",
    noted((_r, _o, callback) => void callback?.(new Error("stubbed"))),
    "callback",
  ),
  life("an inner call that is replaced before initialize()", async (side) => {
    const client = side.open();
    innerCalls(client)["signBlob"] = () => Promise.resolve([{ keyId: "early" }, null, null]);
    return side.call(client, "signBlob", "promise", plainRequest());
  }),
  life("an initialize() that is replaced", async (side) => {
    const client = side.open();
    client.initialize = () => Promise.resolve(undefined as never); // as: a stub of a test
    return side.call(client, "signBlob", "promise", plainRequest());
  }),
  life("innerApiCalls replaced as a whole", async (side) => {
    const client = side.open();
    await client.initialize();
    client.innerApiCalls = { signBlob: () => Promise.resolve([{ keyId: "whole" }, null, null]) } as never; // as: as above
    return side.call(client, "signBlob", "promise", plainRequest());
  }),
];

/** Calls an inner call itself. */
function inner(title: string, run: (call: Inner, side: Side) => unknown): Case {
  return life(`the inner call itself, ${title}`, async (side) => {
    const client = side.open();
    await client.initialize();
    return run(innerCalls(client)["signBlob"] as Inner, side); // as: set by initialize()
  });
}

const direct: Case[] = [
  inner("with a request", (call) => outcomeOf(call(plainRequest(), undefined))),
  inner("with options", (call) => outcomeOf(call(plainRequest(), { otherArgs: { headers: { "x-a": "1" } } }))),
  inner("with a callback", (call) =>
    outcomeOf(
      new Promise((resolve) => {
        call(plainRequest(), {}, (...args) => resolve(args));
      }),
    ),
  ),
  inner("refused", (call, side) => {
    side.play([{ code: 7, details: "denied" }]);
    return outcomeOf(call(plainRequest(), {}));
  }),
  inner("cancelled", async (call, side) => {
    side.play([], "never");
    const promise = call(plainRequest(), {}) as Promise<unknown> & { cancel?: () => void }; // as: gax adds it
    await sleep(100);
    promise.cancel?.();
    return outcomeOf(promise);
  }),
  inner("cancelled at once", (call, side) => {
    side.play([], "never");
    const promise = call(plainRequest(), {}) as Promise<unknown> & { cancel?: () => void }; // as: gax adds it
    promise.cancel?.();
    return outcomeOf(promise);
  }),
];

const projects: Case[] = [
  life("getProjectId() of a client with a project", (side) =>
    outcomeOf(side.open({ projectId: "p-1" }).getProjectId()),
  ),
  life("getProjectId() with a callback", (side) => {
    const client = side.open({ projectId: "p-1" });
    return outcomeOf(
      new Promise((resolve) => {
        const returned = client.getProjectId((...args: unknown[]) => setImmediate(() => resolve({ args, returned })));
      }),
    );
  }),
  life("getProjectId() of an own auth", (side) => {
    const auth = { getProjectId: (...args: unknown[]) => Promise.resolve(`p-of-${args.length}`) };
    return outcomeOf(side.open({ auth }).getProjectId());
  }),
  life("getProjectId() after close()", async (side) => {
    const client = side.open({ projectId: "p-1" });
    await client.close();
    return outcomeOf(client.getProjectId());
  }),
  life("a getProjectId() of auth that is replaced", (side) => {
    const client = side.open();
    client.auth.getProjectId = (() => Promise.resolve("stubbed")) as never; // as: a stub of a test
    return outcomeOf(client.getProjectId());
  }),
  life("members that are read without a client", (side) => {
    const { prototype } = side.exports.IAMCredentialsClient;
    return METHODS.map((method) => resultOf(() => prototype[method].length));
  }),
];

/** All of them. */
export const lifetimeCases: Case[] = [...states, ...ended, ...stubs, ...direct, ...projects];
