// SPDX-License-Identifier: Apache-2.0
// The gate of what stands in the repository besides code: paths, names, licenses, versions, declared dependencies.

import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type CommittedFile,
  emptyNames,
  fetchedAddresses,
  importedPackages,
  machinePaths,
  packageOf,
  unlicensed,
} from "./hygiene.js";
import { committedFiles, filesBelow, ROOT, readText } from "./repository.js";

/** What is read of package.json. */
interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

const manifest: Manifest = JSON.parse(readText("package.json"));
let files: CommittedFile[];

beforeAll(() => {
  files = committedFiles().map((path) => ({ path, text: readText(path) }));
});

describe("the files of the repository", () => {
  it("are looked at, those that are not yet committed too", () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["package.json", "src/index.ts", "test/gates/hygiene.ts"]));
    expect(paths.filter((path) => /^(node_modules|build|coverage)\//.test(path))).toEqual([]);
  });

  it("hold no path of a machine", () => {
    expect(machinePaths(files, ROOT)).toEqual([]);
  });

  it("have no name that says nothing", () => {
    expect(emptyNames(files.map(({ path }) => path))).toEqual([]);
  });

  it("open with the license wherever a comment can stand", () => {
    expect(unlicensed(files)).toEqual([]);
  });

  it("tell no registry: no entry of the lock file says where a package was fetched", () => {
    expect(fetchedAddresses(readText("package-lock.json"))).toEqual([]);
  });
});

describe("package.json", () => {
  it("has the version that the client sends and the lock file repeats", () => {
    expect(/VERSION = "([^"]+)"/.exec(readText("src/base/version.ts"))?.[1]).toBe(manifest.version);
    expect(JSON.parse(readText("package-lock.json")).version).toBe(manifest.version);
  });

  it("names files in exports that the build has made", () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === "string" ? [target] : Object.values(target),
    );
    expect(targets.length).toBeGreaterThan(4);
    expect(targets.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
  });

  it("declares as dependencies what is imported, and nothing else", () => {
    const modules = [...filesBelow("src"), ...filesBelow("generated")].filter((path) => path.endsWith(".ts"));
    const imported = new Set(modules.flatMap((path) => importedPackages(readText(path))));
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    imported.add("@types/node"); // every door's declarations refer to it (tools/finish-build.cjs)
    expect([...imported].sort()).toEqual(declared.sort());
  });

  it("pins TypeScript to 6, since dependency-cruiser finds nothing with 7", () => {
    expect(manifest.devDependencies["typescript"]).toMatch(/^~6[.]/);
  });
});

describe("the search for what no file may hold", () => {
  const at = (...parts: string[]): string => ["", ...parts].join("/");
  const fileOf = (path: string, text: string): CommittedFile[] => [{ path, text }];

  it("finds paths of machines, and takes no address or proto path for one", () => {
    for (const path of [at("home", "ana", "x"), at("Users", "ana"), at("root", "x"), at("here", "now", "x")]) {
      expect(machinePaths(fileOf("a.md", `ok\nsee "${path}" there`), at("here", "now"))).toEqual(["a.md:2"]);
    }
    const innocent = ["https://example.com/home/ana", "build/home/ana", "projects/-/serviceAccounts/x", "/service/x"];
    expect(machinePaths(fileOf("a.md", innocent.join("\n")), at("here", "now"))).toEqual([]);
  });

  it("finds addresses in a lock file", () => {
    const entry = `"resolved": "https://${"example.com"}/x.tgz"`;
    expect(fetchedAddresses(`{ ${entry}, "integrity": "sha512-x" }`)).toEqual([entry]);
  });

  it.each([
    "src/utils.ts",
    "src/rpc/helpers/x.ts",
    "test/support/common.ts",
    "src/types/index.ts",
    "src/misc.test.ts",
    "src/iam-helpers.ts",
    "src/helper-calls.ts",
  ])("finds the empty name in %s", (path) => {
    expect(emptyNames([path, "src/base/causes/status.ts", "test/types/client.test.ts"])).toEqual([path]);
  });

  it("finds files without the license, below a #! line too", () => {
    const license = "SPDX-License-Identifier: Apache-2.0";
    expect(unlicensed(fileOf("a.ts", "export {};\n"))).toEqual(["a.ts"]);
    expect(unlicensed(fileOf(".ci/run", `#!/usr/bin/env bash\n# ${license}\n`))).toEqual([]);
    expect(unlicensed(fileOf(".ci/run", "#!/usr/bin/env bash\n"))).toEqual([".ci/run"]);
    expect(unlicensed(fileOf("a.proto", `// ${license}\n`))).toEqual([]);
    expect(unlicensed(fileOf("a.json", "{}\n"))).toEqual([]);
  });

  it("finds imports in every form", () => {
    const text = `import "a";\nimport b from 'b/c';\nexport { d } from "@s/d/e";\nconst f = require("f") as typeof import("g");
import { h } from "./h.js";\nimport { i } from "node:i";\n`;
    expect(importedPackages(text)).toEqual(["a", "b", "@s/d", "f", "g"]);
    expect(packageOf("@grpc/grpc-js/package.json")).toBe("@grpc/grpc-js");
  });
});
