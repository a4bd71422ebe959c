// SPDX-License-Identifier: Apache-2.0
// What a browser finds at the emulator's port: the console with its policy, and the metadata server as before for who asks with its
// header. Needs a fresh build.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openStage, type Stage } from "../../stage.js";

const FOLDER = join(__dirname, "../../../../../build/console");
const paths = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((path) => /[.]\w+$/.test(path));
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const ask = (path: string, init: RequestInit = {}) => fetch(`${stage.emulator.url}${path}`, init);

describe("the console", () => {
  it.each(["/", "/console", "/console/", "/console/calls/12", "/console/accounts/a%40b/keys"])(
    "is the page at %s, with a policy that lets nothing in from elsewhere",
    async (path) => {
      const response = await ask(path);
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
      expect(response.headers.get("content-security-policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      expect(await response.text()).toContain("<title>IAM emulator</title>");
    },
  );

  it("serves each of its files as it is, and nothing beside them", async () => {
    expect(paths).toEqual(expect.arrayContaining(["index.html", "start.js", "console.css", "icon.svg"]));
    for (const path of paths) {
      const response = await ask(`/console/files/${path}`);
      expect([path, response.status]).toEqual([path, 200]);
      expect(Buffer.from(await response.arrayBuffer()).equals(readFileSync(join(FOLDER, path)))).toBe(true);
    }
    for (const path of ["absent.js", "..%2findex.js", "page%2f..%2f..%2findex.js", "page", ""]) {
      expect([path, (await ask(`/console/files/${path}`)).status]).not.toEqual([path, 200]);
    }
  });

  it("is not sent again to who has it", async () => {
    const etag = (await ask("/console/files/start.js")).headers.get("etag") ?? "";
    const response = await ask("/console/files/start.js", { headers: { "if-none-match": etag } });
    expect([response.status, await response.text(), response.headers.get("etag")]).toEqual([304, "", etag]);
    const stale = await ask("/console/files/start.js", { headers: { "if-none-match": 'W/"other"' } });
    expect(stale.status).toBe(200);
  });

  it.each(["POST", "PUT", "DELETE"])("takes no %s", async (method) => {
    for (const path of ["/console/calls", "/console/files/start.js"]) {
      const response = await ask(path, { method });
      expect([response.status, response.headers.get("content-security-policy")]).toEqual([
        405,
        expect.stringContaining("default-src 'none'"),
      ]);
    }
  });

  it("asks for nothing of another host, and holds no script and no style between its tags", () => {
    const page = readFileSync(join(FOLDER, "index.html"), "utf8");
    expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].every(([, path]) => path?.startsWith("/console/"))).toBe(true);
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/);
    for (const path of paths.filter((each) => each.endsWith(".js"))) {
      expect(readFileSync(join(FOLDER, path), "utf8")).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/,
      );
    }
  });

  it("has 60 kB in all as it ships, compressed", () => {
    const bytes = paths.map((path) => gzipSync(readFileSync(join(FOLDER, path))).length);
    expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(60_000);
  });
});

describe("the root", () => {
  it("is still the metadata server's for who asks with its header", async () => {
    const response = await ask("/", { headers: { "metadata-flavor": "Google" } });
    expect([response.status, response.headers.get("metadata-flavor")]).toEqual([200, "Google"]);
    expect(await response.text()).not.toContain("<title>");
  });

  it("tells programs that look for a metadata server that there is one, too", async () => {
    expect((await ask("/")).headers.get("metadata-flavor")).toBe("Google");
  });
});

it("is not there without the option, and the front page is in its place", async () => {
  await using bare = await openStage({ console: false });
  const page = await fetch(bare.emulator.url);
  expect([page.status, page.headers.get("content-security-policy")]).toEqual([200, null]);
  expect(await page.text()).toContain("An emulator of Google's IAM");
  for (const path of ["/console", "/console/calls", "/console/files/start.js"]) {
    expect([path, (await fetch(bare.emulator.url + path)).status]).toEqual([path, 404]);
  }
});
