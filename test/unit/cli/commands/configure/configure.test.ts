// SPDX-License-Identifier: Apache-2.0
// What `iamcreds auth configure-…` writes into other programs' configuration, what it leaves as it is, and what it refuses.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "@jest/globals";
import { iamcreds } from "../../../../support/cli.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const IMPERSONATE = `--impersonate-service-account=${ROBOT}`;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "configure-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const run = (line: string, variables: Readonly<Record<string, string>> = {}) =>
  iamcreds(["auth", ...line.split(" ")], { variables: { HOME: home, ...variables } });
const read = (...path: readonly string[]) => readFileSync(join(home, ...path), "utf8");

describe("configure-docker", () => {
  it("has docker ask for the passwords of registries, and leaves its other settings", async () => {
    mkdirSync(join(home, ".docker"));
    const before = { auths: { "r.example": {} }, credHelpers: { "other.example": "other" } };
    writeFileSync(join(home, ".docker", "config.json"), JSON.stringify(before));
    const { code, stderr } = await run(`configure-docker a.pkg.dev,b.pkg.dev:5000 ${IMPERSONATE}`);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("Error")]);
    expect(JSON.parse(read(".docker", "config.json"))).toEqual({
      ...before,
      credHelpers: { "other.example": "other", "a.pkg.dev": "iamcreds", "b.pkg.dev:5000": "iamcreds" },
    });
    expect(read(".config", "iamcreds", "docker.json")).toContain(ROBOT);
  });

  it("goes by DOCKER_CONFIG", async () => {
    expect((await run(`configure-docker a.pkg.dev ${IMPERSONATE}`, { DOCKER_CONFIG: join(home, "d") })).code).toBe(0);
    expect(JSON.parse(read("d", "config.json"))).toEqual({ credHelpers: { "a.pkg.dev": "iamcreds" } });
  });

  it("leaves a configuration that is no JSON as it is", async () => {
    mkdirSync(join(home, ".docker"));
    writeFileSync(join(home, ".docker", "config.json"), "{");
    const { code, stderr } = await run(`configure-docker a.pkg.dev ${IMPERSONATE}`);
    expect([code, stderr]).toEqual([2, expect.stringContaining("is not JSON, and was left unchanged")]);
    expect(read(".docker", "config.json")).toBe("{");
  });

  test.each(["https://a.pkg.dev", "a.pkg.dev/x"])("takes no %s for a registry", async (registry) => {
    const { code, stderr } = await run(`configure-docker ${registry} ${IMPERSONATE}`);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`REGISTRY must be a host, such as europe-docker.pkg.dev, not "${registry}"`),
    ]);
  });

  it("must know the account", async () => {
    const { code, stderr } = await run("configure-docker a.pkg.dev");
    expect([code, stderr]).toEqual([2, expect.stringContaining("name the service account")]);
  });
});

describe("revoke-cache", () => {
  it("is done where there is nothing to revoke", async () => {
    expect((await run("revoke-cache", { XDG_CACHE_HOME: join(home, "cache") })).code).toBe(0);
  });
});

it("what is written is for its owner alone where it names accounts", async () => {
  await run(`configure-docker a.pkg.dev ${IMPERSONATE}`);
  expect(statSync(join(home, ".docker")).mode & 0o077).toBe(0);
});
