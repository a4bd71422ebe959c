// SPDX-License-Identifier: Apache-2.0
// What the compiler leaves to do in build/: copies the generated modules that are JavaScript already.

const { cpSync } = require("node:fs");

cpSync("generated/protobufjs", "build/generated/protobufjs", { recursive: true });
