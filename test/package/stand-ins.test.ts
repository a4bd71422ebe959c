// SPDX-License-Identifier: Apache-2.0
// The names of the doors as they are built, where tests of users put stand-ins in their place: jest.spyOn and sinon.stub redefine them.

import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ROOT, runNode } from "../gates/repository.js";

const PROGRAM = `
const fixed = process.argv.slice(1).flatMap((door) => Object.entries(Object.getOwnPropertyDescriptors(require(door)))
  .filter(([name, { configurable }]) => name !== "__esModule" && !configurable)
  .map(([name]) => door + " " + name));
process.stdout.write(JSON.stringify(fixed));
`;
const DOORS = ["index", "admin", "diagnose", "emulator", "gapic", "grpc-js"];

describe("the doors", () => {
  it("have names that a test can replace, as those of the original drop-in", async () => {
    const paths = [...DOORS.map((door) => join(ROOT, "build", `${door}.js`)), "@google-cloud/iam-credentials"];
    const { exitCode, stdout, stderr } = await runNode(["-e", PROGRAM, ...paths]);
    expect([exitCode, stderr, JSON.parse(stdout)]).toEqual([0, "", []]);
  });
});
