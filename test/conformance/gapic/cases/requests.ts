// SPDX-License-Identifier: Apache-2.0
// Requests, plain and odd, of all four methods: what is sent, what comes back, what is refused before anything is sent.

import { type Case, callCase, plainRequest } from "../case.js";
import { METHODS, type Method, type Side } from "../side.js";

type Make = () => unknown;

const NAMES: Record<string, Make> = {
  "an empty text": () => "",
  "a text with odd characters": () => "projects/-/serviceAccounts/a b+c%/ä€😀?&=#'()*!~",
  "a lone surrogate": () => "a\ud800b",
  "a text of 10,000 characters": () => "n".repeat(10_000),
  "a number": () => 5,
  "a fraction": () => 1.5,
  true: () => true,
  null: () => null,
  undefined: () => undefined,
  "an object": () => ({ a: 1 }),
  "an array": () => ["a", "b"],
  "a String object": () => new String("boxed"),
  "a bigint": () => 5n,
  "a symbol": () => Symbol("s"),
  "a function": () => () => "x",
  "an array that holds itself": () => {
    const circle: unknown[] = [];
    circle.push(circle);
    return circle;
  },
};

const LISTS: Record<string, Make> = {
  empty: () => [],
  "one text": () => ["projects/-/serviceAccounts/d"],
  "three texts": () => ["a", "", "ä"],
  "a text": () => "projects/-/serviceAccounts/d",
  "an empty text": () => "",
  null: () => null,
  undefined: () => undefined,
  numbers: () => [1, 2.5, -0],
  "null within": () => ["a", null],
  "undefined within": () => [undefined, "a"],
  "a hole within": () => new Array(2),
  "an object": () => ({ 0: "a", length: 1 }),
  "a set": () => new Set(["a"]),
  "a number": () => 7,
  "a frozen list": () => Object.freeze(["a"]),
  "lists within": () => [["a"], ["b", "c"]],
};

const LIFETIMES: Record<string, (side: Side) => unknown> = {
  "seconds as a number": () => ({ seconds: 300 }),
  "seconds as text": () => ({ seconds: "300" }),
  "seconds as text that is no number": () => ({ seconds: "soon" }),
  "seconds as an empty text": () => ({ seconds: "" }),
  "seconds as a fraction": () => ({ seconds: 1.5 }),
  "seconds below zero": () => ({ seconds: -3, nanos: -5 }),
  "seconds as a long": () => ({ seconds: { low: 300, high: 0, unsigned: false } }),
  "seconds as a big long": () => ({ seconds: { low: 1, high: 2, unsigned: false } }),
  "seconds as a bigint": () => ({ seconds: 300n }),
  "seconds beyond 53 bits": () => ({ seconds: 2 ** 60 }),
  "seconds NaN": () => ({ seconds: Number.NaN }),
  "seconds infinite": () => ({ seconds: Number.POSITIVE_INFINITY }),
  "seconds null": () => ({ seconds: null }),
  "seconds true": () => ({ seconds: true }),
  "seconds an object": () => ({ seconds: {} }),
  "nanos alone": () => ({ nanos: 5 }),
  "nanos as text": () => ({ seconds: 1, nanos: "7" }),
  "nanos as a fraction": () => ({ seconds: 1, nanos: 7.9 }),
  "nanos beyond 32 bits": () => ({ seconds: 1, nanos: 2 ** 33 }),
  "nanos null": () => ({ seconds: 1, nanos: null }),
  empty: () => ({}),
  null: () => null,
  undefined: () => undefined,
  "a text": () => "300s",
  "a number": () => 300,
  true: () => true,
  "a list": () => [300],
  "a date": () => new Date(0),
  "a Duration of its package": (side) => new side.exports.protos.google.protobuf.Duration({ seconds: 9, nanos: 8 }),
  "a Duration with more": () => ({ seconds: 3, minutes: 5 }),
};

const PAYLOADS: Record<string, Make> = {
  "a Buffer": () => Buffer.from([0, 1, 128, 255]),
  "an empty Buffer": () => Buffer.alloc(0),
  "a Uint8Array": () => Uint8Array.of(0, 1, 128, 255),
  "a Uint8Array that is part of another": () => Uint8Array.of(9, 1, 128, 9).subarray(1, 3),
  "a Uint16Array": () => Uint16Array.of(256, 1),
  "an ArrayBuffer": () => new ArrayBuffer(3),
  "a DataView": () => new DataView(new ArrayBuffer(3)),
  "base64 text": () => "AAGA/w==",
  "base64 text without its padding": () => "AAGA/w",
  "base64url text": () => "AAGA_w",
  "text that is no base64": () => "not base64!",
  "text of one character": () => "A",
  "an empty text": () => "",
  "text in JSON": () => '{"sub":"ä"}',
  "a list of numbers": () => [0, 1, 128, 255],
  "a list of numbers beyond a byte": () => [256, -1, 1.5],
  "an empty list": () => [],
  "a Buffer as JSON": () => Buffer.from([1, 2]).toJSON(),
  "an object with a length": () => ({ length: 2, 0: 1, 1: 2 }),
  null: () => null,
  undefined: () => undefined,
  "a number": () => 5,
  true: () => true,
  "an object": () => ({}),
  "64 KiB": () => Buffer.alloc(65_536, 7),
};

const SWITCHES: Record<string, Make> = {
  true: () => true,
  false: () => false,
  "a text": () => "no",
  "an empty text": () => "",
  1: () => 1,
  0: () => 0,
  null: () => null,
  "an object": () => ({}),
  NaN: () => Number.NaN,
};

function fieldCases(method: Method, field: string, values: Record<string, (side: Side) => unknown>): Case[] {
  return Object.entries(values).map(([what, make]) => ({
    title: `request: ${method}, ${field}: ${what}`,
    async run(side: Side) {
      side.play([]);
      const request = { ...plainRequest(), [field]: make(side) };
      return { outcome: await side.call(side.shared, method, "promise", request), "request after": request };
    },
  }));
}

const WHOLES: Record<string, (side: Side) => unknown> = {
  undefined: () => undefined,
  null: () => null,
  "an empty object": () => ({}),
  false: () => false,
  "a text": () => "a",
  "a number": () => 5,
  "a list": () => [],
  "a map": () => new Map([["name", "a"]]),
  "a date": () => new Date(0),
  "unknown fields": () => ({ name: "a", nmae: "b", toString: "c", constructor: 1 }),
  "names as in the proto file": () => ({ name: "a", include_email: true, key_id: "k", access_token: "t" }),
  "names as in the proto file, one of them twice": () => ({ name: "a", include_email: true, includeEmail: false }),
  "a frozen object": () => Object.freeze({ name: "a", delegates: Object.freeze(["d"]) }),
  "fields that are inherited": () => Object.create({ name: "inherited", delegates: ["d"] }),
  "no prototype": () => Object.assign(Object.create(null), { name: "a" }),
  "a getter": () => ({
    get name() {
      return "got";
    },
  }),
  "a getter that throws": () => ({
    name: "a",
    get delegates(): never {
      throw new RangeError("not today");
    },
  }),
  "a class instance with a toJSON": () => ({ name: "a", toJSON: () => ({ name: "b" }) }),
};

function wholeCases(method: Method): Case[] {
  return Object.entries(WHOLES).map(([what, make]) => ({
    title: `request: ${method} of ${what}`,
    run: (side: Side) => side.call(side.shared, method, "promise", make(side)),
  }));
}

const CLASSES = {
  generateAccessToken: "GenerateAccessTokenRequest",
  generateIdToken: "GenerateIdTokenRequest",
  signBlob: "SignBlobRequest",
  signJwt: "SignJwtRequest",
} as const;

const instances = METHODS.flatMap((method): Case[] => {
  const fields = { name: "n", delegates: ["d"], scope: ["s"], audience: "a", includeEmail: true };
  return [
    {
      title: `request: ${method} of an instance of its message class`,
      run: (side) => {
        const { v1 } = side.exports.protos.google.iam.credentials;
        const request = v1[CLASSES[method]].fromObject(fields);
        return side.call(side.shared, method, "promise", request);
      },
    },
    {
      title: `request: ${method} of an instance of another message class`,
      run: (side) => {
        const request = new side.exports.protos.google.protobuf.Duration({ seconds: 5 });
        return side.call(side.shared, method, "promise", request);
      },
    },
  ];
});

const full: Case[] = [
  ["generateAccessToken", { delegates: ["d"], scope: ["s", "t"], lifetime: { seconds: 60, nanos: 1 } }],
  ["generateIdToken", { delegates: ["d"], audience: "https://a.example", includeEmail: true }],
  ["signBlob", { delegates: ["d"], payload: Buffer.from("bytes") }],
  ["signJwt", { delegates: ["d"], payload: "{}" }],
].flatMap(([method, fields]) =>
  (["promise", "callback", "callback without options"] as const).map((form) =>
    callCase(`request: ${method} with all of its fields, ${form}`, {
      method: method as Method, // as: the first of each pair
      form,
      request: () => ({ ...plainRequest(), ...(fields as object) }), // as: the second of each pair
    }),
  ),
);

/** All of them. */
export const requestCases: Case[] = [
  ...full,
  ...instances,
  ...METHODS.flatMap(wholeCases),
  ...METHODS.flatMap((method) =>
    fieldCases(method, "name", method === "signBlob" ? NAMES : { null: () => null, 5: () => 5 }),
  ),
  ...fieldCases("generateAccessToken", "delegates", LISTS),
  ...fieldCases("generateAccessToken", "scope", LISTS),
  ...fieldCases("generateAccessToken", "lifetime", LIFETIMES),
  ...fieldCases("generateIdToken", "includeEmail", SWITCHES),
  ...fieldCases("generateIdToken", "audience", NAMES),
  ...fieldCases("signBlob", "payload", PAYLOADS),
  ...fieldCases("signJwt", "payload", PAYLOADS),
];
