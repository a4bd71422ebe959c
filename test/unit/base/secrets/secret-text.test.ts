// SPDX-License-Identifier: Apache-2.0
// What is masked in a text that somebody else wrote, and what is left as it is.

import { homedir } from "node:os";
import { pathToFileURL } from "node:url";
import { resolveGivenPath } from "../../../../src/base/given-path.js";
import { describePath, isPath, maskSecrets } from "../../../../src/base/secrets/secret-text.js";
import { ConfigurationError } from "../../../../src/index.js";
import { PLANTED } from "../../../support/secrets.js";

const MASK = "[hidden]";
const base64 = (text: string) => Buffer.from(text).toString("base64");

test.each([
  ["a bearer", `sent Bearer ${PLANTED.token} to`, `sent Bearer ${MASK} to`],
  ["basic authorization", `Basic ${base64("client:secret-of-it")}`, `Basic ${MASK}`],
  ["an access token", `got ${PLANTED.token}`, `got ${MASK}`],
  ["a refresh token", "1//0gdo-not-show-me", MASK],
  ["an assertion", `assertion=${PLANTED.assertion}&x=1`, `assertion=${MASK}&x=1`],
  ["a JWT", `(${PLANTED.assertion})`, `(${MASK})`],
  [
    "a form",
    "client_secret=abc&refresh_token=1&grant_type=x",
    `client_secret=${MASK}&refresh_token=${MASK}&grant_type=x`,
  ],
  ["JSON", '{"client_secret":"ab\\"c","x":1}', `{"client_secret":"${MASK}","x":1}`],
  ["JSON within a text", '"{\\"private_key\\":\\"abc\\"}"', `"{\\"private_key\\":\\"${MASK}\\"}"`],
  [
    "user and password of a URL",
    "via http://me:p%40ss@proxy.example:3128/x",
    `via http://${MASK}@proxy.example:3128/x`,
  ],
  ["long base64", `(${base64("0aZ".repeat(40))})`, `(${MASK})`],
])("%s is masked", (_name, text, expected) => {
  expect(maskSecrets(text)).toBe(expected);
});

test("a private key is masked, whole, cut off and with line breaks of two characters", () => {
  const pem = PLANTED.privateKeyPem;
  expect(maskSecrets(`<${pem.trim()}>`)).toBe(`<${MASK}>`);
  expect(maskSecrets(`<${pem.slice(0, 500)}`)).toBe(`<${MASK}`);
  expect(maskSecrets(`<${JSON.stringify(pem).slice(1, -1)}`)).toMatch(/^<\[hidden\]/);
});

test("what is known to be a secret is masked in the forms in which it is sent", () => {
  const secret = 'p ä/"+=';
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret),
    new URLSearchParams({ secret }).toString(),
  ];
  for (const form of forms) expect(maskSecrets(form, [secret])).toContain(MASK);
  expect(maskSecrets("a word", ["a"])).toBe("a word");
});

test.each([
  "invalid_grant: Token has been expired or revoked.",
  "connect ECONNREFUSED 127.0.0.1:443",
  "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot@my-project.iam.gserviceaccount.com:signBlob",
  "/var/lib/kubelet/pods/0b1f2c3d-1111-2222-3333-444455556666/volumes/kubernetes.io~projected/token",
  "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  "the private_key: must be in PEM form",
  'it does not start with "-----BEGIN PRIVATE KEY-----"',
  "put the user and password into https_proxy: http://user:password@host:port",
  "https://me@proxy.example:8080/a:b@c",
])("%s is left as it is", (text) => {
  expect(maskSecrets(text)).toBe(text);
});

test.each([
  "key.json",
  `${homedir()}/.config/gcloud/application_default_credentials.json`,
  "C:\\Users\\me\\key.json",
  "/nix/store/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08-key/file",
  "/some where/with blanks (1).json",
])("%s can be a path", (text) => {
  expect([isPath(text), describePath(text), resolveGivenPath(text, "x")]).toEqual([true, text, text]);
});

const CONTENTS: readonly (readonly [string, string])[] = [
  ["JSON", '{ "type": "service_account" }'],
  ["JSON in base64", base64('{\n  "type": "service_account", "private_key_id": "0123456789"}')],
  ["a private key", PLANTED.privateKeyPem],
  ["a private key in one line", PLANTED.privateKeyPem.replaceAll("\n", "\\n")],
  ["the middle of a private key", PLANTED.privateKeyPem.split("\n").slice(3, 6).join("")],
  ["a token", PLANTED.token],
  ["an assertion", PLANTED.assertion],
  ["two lines", "a\nb"],
  ["a very long text", "a/".repeat(600)],
];

test.each(CONTENTS)("%s is no path, and is not repeated", (_name, text) => {
  expect(isPath(text)).toBe(false);
  expect(describePath(text)).not.toContain(text.slice(0, 20));
  const resolve = () => resolveGivenPath(text, "credentialsFile");
  expect(resolve).toThrow(ConfigurationError);
  expect(resolve).toThrow(
    /^credentialsFile: must be a path, not the contents of a file; write them to a file and pass its path$/,
  );
});

test("a file: URL is a path, as a URL and as text", () => {
  const url = pathToFileURL("/tmp/with blank.json");
  expect([resolveGivenPath(url, "x"), resolveGivenPath(url.href, "x")]).toEqual(Array(2).fill("/tmp/with blank.json"));
});

test.each([[new URL("https://example.com/key.json")], ["file://host/key.json"]])(
  "%s is a URL of no file here",
  (url) => {
    expect(() => resolveGivenPath(url, "x")).toThrow("x: must be a path, or a file: URL of a local file");
  },
);

test.each([[""], [undefined], [7]])("%p is refused", (wrong) => {
  expect(() => resolveGivenPath(wrong as never, "x")).toThrow("x: must be the path to a file"); // as: wrong on purpose
});
