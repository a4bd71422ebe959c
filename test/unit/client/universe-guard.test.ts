// SPDX-License-Identifier: Apache-2.0
// What is said of credentials whose universe is not the client's, and of those that answer with something else.

import { UniverseGuard } from "../../../src/client/universe-guard.js";
import { IAMCredentialsClient } from "../../../src/gapic/index.js";
import { setEnvironment } from "../../support/bare-environment.js";
import { rejectionOf } from "../../support/rejection-of.js";
import { generateKeyFile } from "../../support/rsa-key.js";

const guard = (universe: string) =>
  new UniverseGuard("googleapis.com", {
    getRequestMetadata: () => ({}),
    getUniverseDomain: () => universe,
  });

test.each([
  ["u.example", "u.example"],
  ["open sesame", "not a domain"],
])("a universe that is %j is called %s", (universe, shown) => {
  expect(() => guard(universe).check()).toThrow(
    `universeDomain: the client's universe is googleapis.com, and that of its credentials is ${shown}; `,
  );
});

test("the drop-in names another universe in the original's words, and repeats nothing else", async () => {
  const restore = setEnvironment();
  try {
    for (const [universe_domain, shown] of [
      ["u.example", "u.example"],
      ["open sesame", "not a domain"],
    ] as const) {
      const credentials = { ...generateKeyFile().info, universe_domain };
      const client = new IAMCredentialsClient({ credentials });
      expect(await rejectionOf(client.signBlob({ name: "projects/-/serviceAccounts/1" }))).toMatchObject({
        message: expect.stringContaining(`does not match the universe domain found in the credentials (${shown}).`),
      });
      await client.close();
    }
  } finally {
    restore();
  }
});
