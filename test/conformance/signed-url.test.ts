// SPDX-License-Identifier: Apache-2.0
// V4 signed URLs, byte for byte as @google-cloud/storage makes them for the same inputs, by the same key.

import { type GetSignedUrlConfig, Storage } from "@google-cloud/storage";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import { ImpersonatedCredentials, RequestError, type SignedUrlOptions } from "../../src/index.js";
import { rejectionOf } from "../support/rejection-of.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const DANA = "user:dana@example.com";
const SHA = "a".repeat(64);

let emulator: Emulator;
let robot: ImpersonatedCredentials;
let storage: Storage;

beforeAll(async () => {
  emulator = await startEmulator({
    serviceAccounts: [ROBOT],
    grants: [{ member: DANA, role: "roles/iam.serviceAccountTokenCreator", serviceAccount: ROBOT }],
  });
  robot = new ImpersonatedCredentials({ clientOptions: emulator.clientOptions(DANA), targetPrincipal: ROBOT });
  // as: AuthClient has protected members, so that to TypeScript nothing but a subclass is one
  storage = new Storage({ authClient: robot as never, credentials: { client_email: ROBOT }, projectId: "my-project" });
});
afterAll(async () => {
  await robot.close();
  await emulator.close();
});

const accessibleAt = new Date(Math.ceil(Date.now() / 1000) * 1000);

async function theirs(object: string, config: Partial<GetSignedUrlConfig>, expiresIn: number) {
  const expires = accessibleAt.getTime() + expiresIn * 1000;
  const file = storage.bucket("some-bucket").file(object);
  const [url] = await file.getSignedUrl({ action: "read", version: "v4", accessibleAt, expires, ...config });
  return url;
}

const cases: [what: string, theirs: Partial<GetSignedUrlConfig>, ours: Partial<SignedUrlOptions>, object: string][] = [
  ["a plain download", {}, {}, "photo.jpg"],
  ["a download for seven days", {}, { expiresIn: 604_800 }, "photo.jpg"],
  ["names with blanks, umlauts, an emoji and reserved characters", {}, {}, "a b/ä 😀/!'()*+,;=:@&$?#%[].txt"],
  [
    "an upload with a content type",
    { action: "write", contentType: "text/plain" },
    { method: "PUT", headers: { "Content-Type": "text/plain" } },
    "up.txt",
  ],
  ["a deletion", { action: "delete" }, { method: "DELETE" }, "old.txt"],
  [
    "a resumable upload",
    { action: "resumable" },
    { method: "POST", headers: { "x-goog-resumable": "start" } },
    "big.bin",
  ],
  [
    "headers in any case and order, with blanks in their values",
    { extensionHeaders: { "X-Goog-Meta-B": "  two   words ", "x-goog-meta-a": "1", "Cache-Control": "no-cache" } },
    { headers: { "X-Goog-Meta-B": "  two   words ", "x-goog-meta-a": "1", "Cache-Control": "no-cache" } },
    "photo.jpg",
  ],
  [
    "a body that is signed for",
    { action: "write", extensionHeaders: { "x-goog-content-sha256": SHA } },
    { method: "PUT", headers: { "x-goog-content-sha256": SHA } },
    "up.txt",
  ],
  [
    "query parameters, before and after ours in order, with reserved characters",
    { queryParams: { zebra: "a/b c", "A-first": "ü&=", userProject: "billed" } },
    { query: { zebra: "a/b c", "A-first": "ü&=", userProject: "billed" } },
    "photo.jpg",
  ],
  ["a bucket in the host", { virtualHostedStyle: true }, { virtualHostedStyle: true }, "a folder/photo.jpg"],
  ["an origin of one's own", { cname: "https://cdn.example.com" }, { cname: "https://cdn.example.com" }, "photo.jpg"],
];

test.each(cases)("%s", async (_what, config, options, object) => {
  const expiresIn = options.expiresIn ?? 600;
  const ours = await robot.signedUrl({ bucket: "some-bucket", object, accessibleAt, expiresIn, ...options });
  expect(ours).toBe(await theirs(object, config, expiresIn));
  expect(ours).toMatch(/X-Goog-Signature=[0-9a-f]{512}/);
});

test("a listing of the bucket", async () => {
  // A bucket's getSignedUrl drops accessibleAt and starts at its own now: ours starts where that one did.
  const [theirs] = await storage
    .bucket("some-bucket")
    .getSignedUrl({ version: "v4", action: "list", expires: Date.now() + 600_000 });
  const query = new URL(theirs).searchParams;
  const [, ...parts] = /^(....)(..)(..)T(..)(..)(..)Z$/.exec(query.get("X-Goog-Date") ?? "") ?? [];
  const [year = 0, month = 0, ...rest] = parts.map(Number);
  const ours = await robot.signedUrl({
    bucket: "some-bucket",
    method: "GET",
    accessibleAt: new Date(Date.UTC(year, month - 1, ...rest)),
    expiresIn: Number(query.get("X-Goog-Expires")),
  });
  expect(ours).toBe(theirs);
});

test.each<[Partial<SignedUrlOptions>, string]>([
  [{ bucket: "" }, "bucket: must be a bucket name"],
  [{ object: "" }, "object: must be an object name"],
  [{ object: "a/../b" }, 'object: must not have a segment "." or "..", which HTTP clients resolve'],
  [{ method: "get" }, "method: must be an HTTP method in uppercase"],
  [{ expiresIn: 604_801 }, "expiresIn: must be a whole number of seconds from 1 to 604800 (seven days)"],
  [{ expiresIn: 0 }, "expiresIn: must be a whole number of seconds from 1 to 604800 (seven days)"],
  [{ accessibleAt: new Date(Number.NaN) }, "accessibleAt: must be a valid Date"],
  [{ headers: { "x goog": "1" } }, 'headers: "x goog" is not a header name'],
  [
    { headers: { "x-goog-content-sha256": "abc" } },
    "headers: the value of x-goog-content-sha256 must be 64 hexadecimal digits",
  ],
  [{ headers: { a: "1\nhost:evil.example" } }, "headers: the value of a must be a single line of text"],
  [{ query: { prefix: "\ud800" } }, 'query: the value of "prefix" must be a string or a number'],
  [{ cname: "cdn.example.com" }, "cname: must be an http or https URL, such as https://files.example.com"],
  [
    { action: "write" } as object, // the original's spelling; passed over, it would give a URL for GET
    "action: no such field; valid names are bucket, object, method, expiresIn, headers, query, accessibleAt, virtualHostedStyle, cname, signal",
  ],
])("%j is refused by name, and nothing is signed", async (wrong, message) => {
  const before = emulator.calls().length;
  const error = await rejectionOf(robot.signedUrl({ bucket: "some-bucket", object: "o", expiresIn: 60, ...wrong }));
  expect(error).toBeInstanceOf(RequestError);
  expect((error as Error).message).toBe(message);
  expect(emulator.calls()).toHaveLength(before);
});

test("an account that is known by its unique id alone cannot sign a URL, which names it by its e-mail", async () => {
  const { uniqueId } = emulator.addServiceAccount(ROBOT);
  const byId = new ImpersonatedCredentials({ client: robot.client, targetPrincipal: uniqueId });
  await expect(byId.signedUrl({ bucket: "some-bucket", expiresIn: 60 })).rejects.toThrow(
    "serviceAccount: must be the account's e-mail address for a signed URL",
  );
});
