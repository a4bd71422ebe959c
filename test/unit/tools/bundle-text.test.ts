// SPDX-License-Identifier: Apache-2.0
// What is done to esbuild's text of a part: here to what esbuild makes of small modules.

import { build, type Plugin } from "esbuild";
import { finished, type Link } from "../../../tools/bundle-text.cjs";

const CORE: Link = { at: "$core", renamed: [] };
const NET: Link = { at: "$node_net()", renamed: [] };

/** Bundles modules, the first of which is the entry, with what they import as `link:…` left outside; and finishes the text. */
async function finish(modules: Readonly<Record<string, string>>, links: Readonly<Record<string, Link>>) {
  const memory: Plugin = {
    name: "memory",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^link:/ }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /^[.]/ }, ({ path }) => ({ path, namespace: "memory" }));
      onLoad({ filter: /./, namespace: "memory" }, ({ path }) => ({ contents: modules[path] ?? "" }));
    },
  };
  const settings = { bundle: true, write: false, platform: "node", target: "node20", format: "cjs" } as const;
  const { outputFiles } = await build({
    ...settings,
    entryPoints: Object.keys(modules).slice(0, 1),
    plugins: [memory],
  });
  return finished(outputFiles[0]?.text ?? "", new Map(Object.entries(links)));
}

/** The text without lines that only say which module they are of. */
const codeOf = (text: string) => text.replace(/^\/\/.*\n/gm, "").trim();

describe("a name of another part", () => {
  it("is read where it is used, and there under the name that the part gives it", async () => {
    const module = 'import { one, two } from "link:core"; globalThis.first = one; globalThis.second = () => two(1);';
    const core: Link = { at: "$core", renamed: [["two", "two_"]] };
    const text = await finish({ "./a.js": module }, { "link:core": core });
    expect(codeOf(text)).toBe("globalThis.first = $core.one;\nglobalThis.second = () => (0, $core.two_)(1);");
  });

  it("is constructed as a class of what the link loads, not as the link", async () => {
    const module =
      'import { BlockList } from "link:node:net"; import { Base } from "link:core"; globalThis.all = [new BlockList(), new Base()];';
    const text = await finish({ "./a.js": module }, { "link:node:net": NET, "link:core": CORE });
    expect(codeOf(text)).toBe("globalThis.all = [new ($node_net()).BlockList(), new $core.Base()];");
  });

  it("is not read before a module runs that runs when it is asked for", async () => {
    const modules = {
      "./a.js": 'exports.b = () => require("./b.js");',
      "./b.js": 'import { isIP } from "link:node:net"; export const check = (host) => isIP(host);',
    };
    const text = await finish(modules, { "link:node:net": NET });
    expect(text).not.toMatch(/import_|require\("link/);
    expect(text).toContain("check = (host) => (0, $node_net().isIP)(host);");
  });

  it("is read by what requires its module", async () => {
    const module = 'exports.open = () => require("link:required:door").open();';
    const text = await finish({ "./a.js": module }, { "link:required:door": { at: "$parts.grpc()", renamed: [] } });
    expect(codeOf(text)).toBe("exports.open = () => $parts.grpc().open();");
  });

  it("fails the build when its module is taken as a whole, which could be asked for its names", async () => {
    const module = 'import * as core from "link:core"; globalThis.names = Object.keys(core);';
    await expect(finish({ "./a.js": module }, { "link:core": CORE })).rejects.toThrow(
      '"link:core": of what stands elsewhere, names must be imported one by one',
    );
  });
});

it("calls a class as the source does, where it names itself too", async () => {
  const text = await finish({ "./a.js": "export class Timer { static make() { return new Timer(); } }" }, {});
  expect(text).toContain("class Timer {");
  expect(text).not.toContain("_Timer");
});

it("leaves no helper of esbuild that nothing uses", async () => {
  const module = 'import { one } from "link:core"; globalThis.first = one;';
  expect(await finish({ "./a.js": module }, { "link:core": CORE })).not.toContain("__");
});
