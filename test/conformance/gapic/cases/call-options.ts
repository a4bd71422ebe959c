// SPDX-License-Identifier: Apache-2.0
// Options of a call that are not about time: headers, options of grpc-js, those that do nothing for unary calls, wrong ones; and the
// places of callback and options.

import { type Case, callCase, plainRequest } from "../case.js";
import { type Loose, METHODS } from "../side.js";

type Make = () => unknown;

const HEADERS: Record<string, Make> = {
  text: () => ({ "x-a": "1" }),
  "two texts": () => ({ "x-a": "1", "x-b": "2" }),
  "a list": () => ({ "x-a": ["1", "2"] }),
  "an empty list": () => ({ "x-a": [] }),
  "a number": () => ({ "x-a": 5 }),
  true: () => ({ "x-a": true }),
  null: () => ({ "x-a": null }),
  undefined: () => ({ "x-a": undefined }),
  "an empty text": () => ({ "x-a": "" }),
  "upper case": () => ({ "X-Upper-Case": "V" }),
  "one name in two cases": () => ({ "x-a": "1", "X-A": "2" }),
  "its own routing": () => ({ "x-goog-request-params": "name=mine" }),
  "its own routing in upper case": () => ({ "X-Goog-Request-Params": "name=mine" }),
  "its own client": () => ({ "x-goog-api-client": "mine/1" }),
  "its own client in upper case": () => ({ "X-Goog-Api-Client": "mine/1" }),
  "its own user agent": () => ({ "user-agent": "mine/1" }),
  "a token": () => ({ authorization: "Bearer of-the-caller" }),
  "a quota project": () => ({ "x-goog-user-project": "p" }),
  "bytes for a -bin key": () => ({ "x-a-bin": Buffer.from([0, 255]) }),
  "text for a -bin key": () => ({ "x-a-bin": "text" }),
  "bytes for a text key": () => ({ "x-a": Buffer.from("abc") }),
  "a name that is none": () => ({ "x a": "1" }),
  "a name with a colon": () => ({ ":authority": "x" }),
  "a text that is not ASCII": () => ({ "x-a": "ä" }),
  "a text with a line break": () => ({ "x-a": "a\nb" }),
  "spaces around": () => ({ "x-a": "  a  " }),
  "an object": () => ({ "x-a": { b: 1 } }),
  "a timeout of grpc": () => ({ "grpc-timeout": "1S" }),
  "an empty object": () => ({}),
  "names that are inherited": () => Object.create({ "x-inherited": "1" }),
};

const headers = Object.entries(HEADERS).map(([what, make]) =>
  callCase(`option: otherArgs.headers: ${what}`, { options: () => ({ otherArgs: { headers: make() } }) }),
);

const OPTIONS: Record<string, Make> = {
  undefined: () => undefined,
  null: () => null,
  empty: () => ({}),
  false: () => false,
  "an empty text": () => "",
  "a text": () => "fast",
  "a number": () => 5,
  "a list": () => [],
  frozen: () => Object.freeze({}),
  "otherArgs null": () => ({ otherArgs: null }),
  "otherArgs empty": () => ({ otherArgs: {} }),
  "otherArgs frozen": () => ({ otherArgs: Object.freeze({}) }),
  "otherArgs a text": () => ({ otherArgs: "x" }),
  "otherArgs.headers null": () => ({ otherArgs: { headers: null } }),
  "otherArgs.headers a text": () => ({ otherArgs: { headers: "x" } }),
  "otherArgs.headers frozen": () => ({ otherArgs: { headers: Object.freeze({ "x-a": "1" }) } }),
  "otherArgs.options empty": () => ({ otherArgs: { options: {} } }),
  "otherArgs.options null": () => ({ otherArgs: { options: null } }),
  "otherArgs.options with a host": () => ({ otherArgs: { options: { host: "host.example" } } }),
  "otherArgs.options with a deadline": () => ({ otherArgs: { options: { deadline: Date.now() + 5_000 } } }),
  "otherArgs.options with a deadline that has passed": () => ({ otherArgs: { options: { deadline: 5 } } }),
  "otherArgs.options with interceptors": () => ({ otherArgs: { options: { interceptors: [] } } }),
  "otherArgs with more": () => ({ otherArgs: { headers: { "x-a": "1" }, more: 1 } }),
  "otherArgs with a metadata builder": () => ({ otherArgs: { metadataBuilder: () => undefined } }),
  autoPaginate: () => ({ autoPaginate: false }),
  maxResults: () => ({ maxResults: 5 }),
  "pages and bundles": () => ({ pageToken: "a", pageSize: 1, bundleOptions: {}, isBundling: false, longrunning: {} }),
  apiName: () => ({ apiName: "mine" }),
  "retryRequestOptions with retries": () => ({ retryRequestOptions: { retries: 3 } }),
  "an unknown one": () => ({ deadline: 5, metadata: {} }),
  "signal that is not aborted": () => ({ signal: new AbortController().signal }),
};

const bags = Object.entries(OPTIONS).flatMap(([what, options]) => [
  callCase(`option: ${what}`, { options }),
  callCase(`option: ${what}, callback`, { form: "callback", options }),
]);

const ROUTED: Record<string, Make> = {
  plain: () => "projects/-/serviceAccounts/a@b.c",
  empty: () => "",
  odd: () => "a b+c%/ä€😀?&=#'()*!~",
  missing: () => undefined,
  null: () => null,
  "a number": () => 0,
  false: () => false,
  "a list": () => ["a", "b"],
};

const routing = Object.entries(ROUTED).flatMap(([what, name]) =>
  METHODS.map((method) => callCase(`routing: ${method}, name ${what}`, { method, request: () => ({ name: name() }) })),
);

/** Calls with arguments in places of their own. */
function placed(title: string, args: (callback: (...given: unknown[]) => void) => unknown[]): Case {
  return {
    title: `arguments: ${title}`,
    run: (side) =>
      new Promise((resolve) => {
        const given = args((...called) => resolve({ called }));
        try {
          const value: unknown = Reflect.apply(side.shared.signBlob, side.shared, given);
          if (value instanceof Promise)
            value.then(
              (resolved) => resolve({ resolved }),
              (rejected) => resolve({ rejected }),
            );
        } catch (threw) {
          resolve({ threw });
        }
      }),
  };
}

const places = [
  placed("none", () => []),
  placed("a request alone", () => [plainRequest()]),
  placed("a callback in the place of options", (callback) => [plainRequest(), callback]),
  placed("undefined for options, and a callback", (callback) => [plainRequest(), undefined, callback]),
  placed("null for options, and a callback", (callback) => [plainRequest(), null, callback]),
  placed("a callback with properties in the place of options", (callback) => [
    plainRequest(),
    Object.assign(callback, { timeout: 5 }),
  ]),
  placed("a callback in both places", (callback) => [plainRequest(), callback, callback]),
  placed("null for the callback", () => [plainRequest(), {}, null]),
  placed("undefined for a request, and a callback", (callback) => [undefined, callback]),
  placed("more than three", (callback) => [plainRequest(), {}, callback, "more"]),
];

const reused: Case[] = [
  {
    title: "options: one object for two calls, one after the other",
    async run(side) {
      const options: Loose = { otherArgs: { headers: { "x-a": "1" } } };
      const first = await side.call(side.shared, "signBlob", "promise", { name: "first" }, options);
      const second = await side.call(side.shared, "signJwt", "promise", { name: "second" }, options);
      return [first, second];
    },
  },
  {
    title: "options: a null prototype",
    run: (side) => side.call(side.shared, "signBlob", "promise", plainRequest(), Object.create(null)),
  },
];

/** All of them. */
export const callOptionCases: Case[] = [...headers, ...bags, ...routing, ...places, ...reused];
