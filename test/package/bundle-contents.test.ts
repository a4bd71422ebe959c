// SPDX-License-Identifier: Apache-2.0
// What a bundler takes along for a program that mints a token: whose packages, and how many bytes. Goals are those of the bench.

import { join } from "node:path";
import { build } from "esbuild";
import { type Consumer, linkModule, openConsumer } from "./packed-package.js";

const TIMEOUT_MS = 240_000;
const REQUEST = '{ name: "projects/-/serviceAccounts/robot@my-project.iam.gserviceaccount.com", scope: ["a"] }';
const OURS = "iam-credentials-client";

let consumer: Consumer;

beforeAll(async () => {
  consumer = await openConsumer();
  linkModule(consumer.path, "@google-cloud/iam-credentials");
}, TIMEOUT_MS);

afterAll(() => consumer?.[Symbol.dispose]());

/** A program's packages, and its size when it is minified. */
async function contentsOf(program: string): Promise<{ packages: string[]; bytes: number; parts: string[] }> {
  const { metafile, warnings } = await build({
    stdin: { contents: program, resolveDir: consumer.path },
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    outfile: join(consumer.path, "out.mjs"),
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  expect(warnings).toEqual([]);
  const [output] = Object.values(metafile.outputs);
  const paths = Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path] : [],
  );
  const packages = paths.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  const parts = paths.flatMap((path) => new RegExp(`${OURS}/build/parts/([^/]+)[.]js$`).exec(path)?.[1] ?? []);
  return { packages: [...new Set(packages)].sort(), bytes: output?.bytes ?? 0, parts: parts.sort() };
}

const mint = (client: string, from: string, options = ""): string => `
  import { ${client} } from "${from}";
  console.log(await new ${client}(${options}).generateAccessToken(${REQUEST}));`;

describe("a bundle of the front door", () => {
  it.each([
    ["gRPC", "", 400_000],
    ["REST", '{ transport: "rest" }', 250_000],
  ])(
    "over %s holds no other package, nothing of signing and verifying, and at most so many bytes",
    async (_name, options, most) => {
      const { packages, bytes, parts } = await contentsOf(mint("IAMCredentialsAsyncClient", OURS, options));
      expect(packages).toEqual([OURS]);
      expect(parts).toEqual(["auth", "core", "errors", "grpc", "http", "keys", "rare"]);
      expect(bytes).toBeLessThanOrEqual(most);
    },
  );

  it("holds no other package with all of its names, and of signing and verifying what the program names", async () => {
    const all = await contentsOf(`import * as all from "${OURS}"; console.log(all);`);
    expect(all.packages).toEqual([OURS]);
    const one = await contentsOf(`import { verifyIdToken } from "${OURS}"; console.log(verifyIdToken);`);
    expect(one.parts).toContain("verification");
    expect(one.parts).not.toContain("impersonation");
  });
});

describe("a bundle of a door that is a library's", () => {
  it.each([
    ["grpc-js", "@grpc/grpc-js"],
    ["google-auth-library", "google-auth-library"],
  ])("./%s holds %s", async (door, library) => {
    expect((await contentsOf(`import "${OURS}/${door}";`)).packages).toEqual(expect.arrayContaining([OURS, library]));
  });
});

describe("a bundle of the drop-in", () => {
  it("holds google-auth-library and protobufjs, whose classes callers see, and not grpc-js", async () => {
    const { packages } = await contentsOf(mint("IAMCredentialsClient", `${OURS}/gapic`));
    expect(packages).toEqual(expect.arrayContaining(["google-auth-library", "protobufjs"]));
    expect(packages).not.toContain("@grpc/grpc-js");
  });

  it("is half of the original", async () => {
    const [ours, original] = await Promise.all(
      [`${OURS}/gapic`, "@google-cloud/iam-credentials"].map((from) => contentsOf(mint("IAMCredentialsClient", from))),
    );
    expect((ours?.bytes ?? 0) / (original?.bytes ?? 1)).toBeLessThanOrEqual(0.5);
  });
});
