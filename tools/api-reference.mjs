// SPDX-License-Identifier: Apache-2.0
// The API reference: a page for every export of every door, from the declarations and their doc comments, as a part of the site that
// docs.mjs makes. `typedoc` writes it, without a network.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, TSConfigReader } from "typedoc";

/** The sources of the doors by the name that they are imported by. @param root the repository's folder */
function readDoors(root) {
  const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const doors = Object.entries(exports).filter(([, target]) => typeof target.types === "string");
  return new Map(
    // What protobufjs writes for `./gapic/protos` has no doc comments.
    doors
      .filter(([door]) => door !== "./gapic/protos")
      .map(([door, { types }]) => [
        types.replace(/^\.\/build\//, "").replace(/\.d\.ts$/, ".ts"),
        door.replace(/^\./, name),
      ]),
  );
}

/** Writes the pages. @returns how many doors they are of @throws Error when a declaration cannot be read */
export async function writeApiReference(root, folder) {
  const doors = readDoors(root);
  const app = await Application.bootstrap(
    {
      entryPoints: [...doors.keys()].map((source) => join(root, source)),
      tsconfig: join(root, "tsconfig.build.json"),
      name: "iam-credentials-client",
      readme: "none",
      customCss: fileURLToPath(new URL("docs-site/api.css", import.meta.url)),
      excludeInternal: true,
      excludePrivate: true,
      excludeExternals: true,
      disableSources: true,
      githubPages: false,
      hideGenerator: true,
      navigationLinks: { "All pages": "../docs/index.html" },
      // A type that has no name outside stands where it is used; a link to it is text.
      validation: { notExported: false, invalidLink: false, rewrittenLink: false },
      logLevel: "Error",
    },
    [new TSConfigReader()],
  );
  const project = await app.convert();
  if (project === undefined || app.logger.hasErrors()) throw new Error("the API reference cannot be made");
  // A door that stands in a folder is named after the folder otherwise.
  for (const module of project.children ?? []) {
    const source = [...doors.keys()].find((path) => {
      const plain = path.replace(/^src\//, "").replace(/\.ts$/, "");
      return module.name === plain || (plain.endsWith("/index") && module.name === dirname(plain));
    });
    if (source === undefined) throw new Error(`${module.name}: no door`);
    module.name = doors.get(source);
  }
  await app.generateDocs(project, folder);
  return doors.size;
}
