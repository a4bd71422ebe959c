// SPDX-License-Identifier: Apache-2.0
// What the package exports: names, classes, statics, and the message classes of `protos`.

import type { Case } from "../case.js";
import { METHODS, outcomeOf, resultOf, type Side } from "../side.js";

const surface = (title: string, run: (side: Side) => unknown): Case => ({ title: `surface: ${title}`, run });

/** What a class or an object has of its own, by kind. */
function members(of: object): object {
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(of));
  return Object.fromEntries(
    descriptors.map(([name, { get, value }]) => [name, get === undefined ? typeof value : "getter"]),
  );
}

const MESSAGES = METHODS.flatMap((method) => {
  const name = method.charAt(0).toUpperCase() + method.slice(1);
  return [`${name}Request`, `${name}Response`] as const;
});
type AnyMessage = {
  new (properties?: object): object;
  create(properties?: object): object;
  encode(message: object): { finish(): Uint8Array };
  encodeDelimited(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  decodeDelimited(bytes: Uint8Array): object;
  verify(message: object): string | null;
  fromObject(message: object): object;
  toObject(message: object, options?: object): object;
  getTypeUrl(prefix?: string): string;
};

function messageOf(side: Side, name: string): AnyMessage {
  const { v1 } = side.exports.protos.google.iam.credentials;
  const { Duration, Timestamp } = side.exports.protos.google.protobuf;
  // as: a name picks one of classes that share this form
  return { ...v1, Duration, Timestamp }[name as "SignBlobRequest"] as unknown as AnyMessage;
}

const ALL = [...MESSAGES, "Duration", "Timestamp"];
const VALUES: Record<string, object> = {
  nothing: {},
  text: { name: "n", keyId: "k", token: "t", accessToken: "t", audience: "a", signedJwt: "j" },
  lists: { delegates: ["a", "b"], scope: ["s"] },
  "wrong lists": { delegates: "a", scope: [1] },
  bytes: { payload: Buffer.from([0, 255]), signedBlob: Buffer.from([1, 2]) },
  "base64 text": { payload: "AP8=", signedBlob: "AQI=" },
  times: { lifetime: { seconds: 5, nanos: 6 }, expireTime: { seconds: "7" }, seconds: 8, nanos: 9 },
  "wrong types": { name: 5, keyId: {}, token: [], includeEmail: "yes", lifetime: "5s", seconds: "x", nanos: 1.5 },
  nulls: { name: null, delegates: null, payload: null, lifetime: null, seconds: null },
  unknown: { more: 1 },
};
const TO_OBJECT: readonly object[] = [
  {},
  { defaults: true },
  { arrays: true, objects: true },
  { longs: String, bytes: String, defaults: true },
  { longs: Number, bytes: Array, json: true },
];

function useOf(message: AnyMessage, value: object): object {
  const made = resultOf(() => message.fromObject(value));
  const bytes = resultOf(() => message.encode(message.fromObject(value)).finish());
  return {
    constructed: resultOf(() => ({ ...new message(value) })),
    created: resultOf(() => ({ ...message.create(value) })),
    verified: resultOf(() => message.verify(value)),
    made,
    bytes,
    raw: resultOf(() => message.encode(value).finish()),
    delimited: resultOf(() => message.encodeDelimited(message.fromObject(value)).finish()),
    again: resultOf(() => message.decode(message.encode(message.fromObject(value)).finish())),
    againDelimited: resultOf(() =>
      message.decodeDelimited(message.encodeDelimited(message.fromObject(value)).finish()),
    ),
    json: resultOf(() => JSON.stringify(message.fromObject(value))),
    objects: TO_OBJECT.map((options) => resultOf(() => message.toObject(message.fromObject(value), options))),
  };
}

const messages = ALL.flatMap((name) => [
  surface(`protos: the members of ${name}`, (side) => {
    const message = messageOf(side, name);
    return {
      name: message.name,
      length: message.length,
      statics: members(message),
      members: members(message.prototype),
      url: [message.getTypeUrl(), message.getTypeUrl("host")],
      defaults: Object.fromEntries(
        Object.keys(message.prototype).map((key) => [key, Reflect.get(message.prototype, key)]),
      ),
      broken: resultOf(() => message.decode(Buffer.from("ffff", "hex"))),
      unknown: resultOf(() => message.decode(Buffer.from("f2070161", "hex"))),
    };
  }),
  ...Object.entries(VALUES).map(([what, value]) =>
    surface(`protos: ${name} of ${what}`, (side) => useOf(messageOf(side, name), value)),
  ),
]);

const service = surface("protos: the service class", async (side) => {
  const { IAMCredentials, SignBlobResponse } = side.exports.protos.google.iam.credentials.v1;
  const heard: unknown[] = [];
  const made = IAMCredentials.create((method, bytes, done) => {
    heard.push(method.name, bytes);
    done(null, SignBlobResponse.encode({ keyId: "k" }).finish());
  });
  const answer = await outcomeOf(made.signBlob({ name: "a", payload: Buffer.from("x") }));
  return { heard, answer, statics: members(IAMCredentials), members: members(IAMCredentials.prototype) };
});

/** All of them. */
export const surfaceCases: Case[] = [
  surface("names", (side) => members(side.exports)),
  surface("the default export", (side) => members(Reflect.get(side.exports, "default"))),
  surface("v1", (side) => members(side.exports.v1)),
  surface(
    "one class under two names",
    (side) => side.exports.v1.IAMCredentialsClient === side.exports.IAMCredentialsClient,
  ),
  surface("the class", (side) => {
    const { IAMCredentialsClient } = side.exports;
    const { name, length, port, scopes } = IAMCredentialsClient;
    return {
      name,
      length,
      port,
      scopes,
      statics: members(IAMCredentialsClient),
      members: members(IAMCredentialsClient.prototype),
    };
  }),
  surface("what a client has of its own", (side) => Object.keys(side.open()).sort()),
  surface("what a client enumerates", (side) => {
    const names: string[] = [];
    for (const name in side.open()) names.push(name);
    return names.filter((name) => !name.startsWith("_")).sort();
  }),
  surface("a class that extends it", async (side) => {
    class Mine extends side.exports.IAMCredentialsClient {
      own(): string {
        return `${this.apiEndpoint} ${this.universeDomain}`;
      }
    }
    const mine = new Mine(side.plainOptions() as never); // as: the peer's credentials are no true ones
    const [answer] = await mine.signBlob({ name: "a" });
    await mine.close();
    return { answer, own: mine.own(), isOne: mine instanceof side.exports.IAMCredentialsClient };
  }),
  surface("a class that extends it with statics of its own", async (side) => {
    const { ports } = side.peer;
    class Mine extends side.exports.IAMCredentialsClient {
      static override get port(): number {
        return ports.plain;
      }
    }
    const { port: _port, ...options } = side.plainOptions();
    const mine = new Mine(options as never); // as: as above
    const answer = await outcomeOf(mine.signBlob({ name: "a" }, { timeout: 1_500 }));
    await mine.close();
    return answer;
  }),
  surface("called without new", (side) =>
    resultOf(() => Reflect.apply(side.exports.IAMCredentialsClient, undefined, [])),
  ),
  surface("protos: namespaces", (side) => {
    const { google } = side.exports.protos;
    const { credentials } = google.iam;
    return {
      protos: members(side.exports.protos),
      google: members(google),
      iam: members(google.iam),
      credentials: members(credentials),
      v1: members(credentials.v1),
      api: members(google.api),
      protobuf: members(google.protobuf),
    };
  }),
  service,
  ...messages,
];
