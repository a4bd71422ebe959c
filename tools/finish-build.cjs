// SPDX-License-Identifier: Apache-2.0
// What the compiler leaves to do in build/: copies the generated modules that are JavaScript already, takes the maps of generated
// code away (nobody debugs it, and they are half a megabyte in every installation), and makes the program executable.

const { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const GENERATED = "build/generated";
for (const path of readdirSync(GENERATED, { recursive: true }).map((name) => join(GENERATED, name))) {
  if (path.endsWith(".js.map")) rmSync(path);
  if (path.endsWith(".js"))
    writeFileSync(path, readFileSync(path, "utf8").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"));
}
cpSync("generated/protobufjs", join(GENERATED, "protobufjs"), { recursive: true });
chmodSync("build/src/cli/main.js", 0o755);
