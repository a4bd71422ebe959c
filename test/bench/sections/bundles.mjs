// SPDX-License-Identifier: Apache-2.0
// How large a program is that mints one token, when esbuild has made one minified file of it.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { table } from "../table.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const REQUEST = '{ name: "projects/-/serviceAccounts/robot@my-project.iam.gserviceaccount.com", scope: ["a"] }';

/** Each client with its package, class and options. */
const PROGRAMS = [
  ["ours", "iam-credentials-client", "IAMCredentialsAsyncClient", ""],
  ["ours-rest", "iam-credentials-client", "IAMCredentialsAsyncClient", '{ transport: "rest" }'],
  ["drop-in", "iam-credentials-client/gapic", "IAMCredentialsClient", ""],
  ["official", "@google-cloud/iam-credentials", "IAMCredentialsClient", ""],
];

/** One record per client. */
export async function measure() {
  const records = [];
  for (const [client, from, name, options] of PROGRAMS) {
    const contents = `import { ${name} } from "${from}"; new ${name}(${options}).generateAccessToken(${REQUEST});`;
    const stdin = { contents, resolveDir: ROOT };
    const settings = { bundle: true, minify: true, platform: "node", format: "esm", outfile: "out.mjs", write: false };
    const { metafile } = await build({ stdin, ...settings, metafile: true, logLevel: "silent" });
    const [{ bytes, inputs }] = Object.values(metafile.outputs);
    const packages = Object.keys(inputs).flatMap(
      (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
    );
    records.push({ client, round: 0, kilobytes: bytes / 1000, packages: new Set(packages).size });
  }
  return records;
}

/** The tables of the section, by heading. */
export function report(records) {
  const rows = records.map(({ client, kilobytes, packages }) => [client, kilobytes.toFixed(0), packages]);
  return [["A bundle that mints one token, minified", table(["client", "kB", "other packages in it"], rows)]];
}

/** The figures that have a goal. */
export function goals(records) {
  const sizeOf = (name) => records.find(({ client }) => client === name).kilobytes;
  return [
    ["bundle over gRPC, kB", "<= 400", sizeOf("ours")],
    ["bundle over REST, kB", "<= 250", sizeOf("ours-rest")],
    ["bundle of the drop-in / of the original", "<= 0.50", sizeOf("drop-in") / sizeOf("official")],
  ];
}
