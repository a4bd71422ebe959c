// SPDX-License-Identifier: Apache-2.0
// Leaks on purpose; secrets.test.ts runs it and expects two failures and one pass.

import { CredentialsError, RpcError } from "../../../src/index.js";
import { PLANTED } from "../../support/secrets.js";

it("leaks a token in an error that nobody throws", () => {
  new RpcError({ code: 3, text: `Bearer ${PLANTED.token}`, method: "X.Y", transport: "t" });
});

it("leaks a payload on stderr", () => {
  process.stderr.write(`${PLANTED.payload}\n`);
});

it("leaks nothing", () => {
  expect(new CredentialsError("no token").message).toBe("no token");
});
