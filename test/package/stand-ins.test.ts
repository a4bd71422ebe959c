// SPDX-License-Identifier: Apache-2.0
// The names of the doors as they are built, where tests of users put stand-ins in their place: each, read before or not, must be like a
// plain export of a CommonJS package, such as those of the original drop-in.

import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { ROOT, runNode } from "../gates/repository.js";

const DOORS = ["index", "admin", "diagnose", "emulator", "gapic", "protos", "grpc-js"];
const ORIGINAL = "@google-cloud/iam-credentials";

/** Tries something with each name of each door, in strict mode and in a fresh process: no name has been read. Prints what failed. */
const program = (attempt: string): string => `"use strict";
const assert = require("node:assert/strict");
const { mock } = require("node:test");
const standIn = () => "a stand-in";
const failed = [];
for (const path of process.argv.slice(1)) {
  const door = require(path);
  for (const name of Reflect.ownKeys(door).filter((each) => each !== "__esModule")) {
    try {
      ${attempt}
    } catch (error) {
      failed.push(path + " " + name + ": " + error.message);
    }
  }
}
process.stdout.write(JSON.stringify(failed));
`;

const ATTEMPTS = [
  [
    "is described as a plain value",
    `const { value, ...rest } = Object.getOwnPropertyDescriptor(door, name);
     assert.notEqual(value, undefined);
     assert.deepEqual(rest, { writable: true, enumerable: true, configurable: true });`,
  ],
  ["is assigned", "door[name] = standIn; assert.equal(require(path)[name], standIn);"],
  [
    "is assigned and restored",
    "const was = door[name]; door[name] = standIn; door[name] = was; assert.equal(require(path)[name], was);",
  ],
  [
    "is left alone by an object that inherits it",
    "Object.create(door)[name] = standIn; assert.notEqual(door[name], standIn);",
  ],
  ["is deleted", "delete door[name]; assert.equal(name in door, false);"],
  [
    "is frozen",
    "Object.freeze(door); assert.throws(() => { door[name] = standIn; }); assert.notEqual(door[name], undefined);",
  ],
  [
    "is mocked by node:test, and restored, if it is a function",
    `let mocked;
     try {
       mocked = mock.method(door, name, standIn);
     } catch (error) {
       if (typeof door[name] === "function") throw error;
       continue;
     }
     assert.equal(require(path)[name], mocked);
     mock.restoreAll();
     assert.notEqual(door[name], mocked);
     assert.equal(typeof door[name], "function");`,
  ],
] as const;

describe("a name of a door", () => {
  it.each(ATTEMPTS)("%s", async (_what, attempt) => {
    const paths = [...DOORS.map((door) => join(ROOT, "build", `${door}.js`)), ORIGINAL];
    const { exitCode, stdout, stderr } = await runNode(["-e", program(attempt), ...paths]);
    expect([exitCode, stderr, JSON.parse(stdout)]).toEqual([0, "", []]);
  });
});
