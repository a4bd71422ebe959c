// SPDX-License-Identifier: Apache-2.0
// What a metadata server of impersonated identities answers, path by path, and what it refuses.

import { afterAll, beforeAll, describe, expect, it, test } from "@jest/globals";
import { systemClock } from "../../../../src/base/clock.js";
import {
  answerMetadata,
  failureOf,
  isMetadataPath,
  type MetadataIdentity,
} from "../../../../src/cli/session/metadata-answers.js";
import { RpcError } from "../../../../src/index.js";
import { type MinterStage, openMinterStage, ROBOT } from "../../../support/minter-stage.js";

type Question = Parameters<typeof answerMetadata>[1];

const ROOT = "/computeMetadata/v1/";

let stage: MinterStage;
let identity: MetadataIdentity;
beforeAll(async () => {
  stage = await openMinterStage();
  const minter = stage.minter();
  const accounts = new Map([
    ["default", minter],
    [ROBOT, minter],
  ]);
  identity = { accounts, projectId: "my-project", universeDomain: "googleapis.com", clock: systemClock };
});
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

function ask(path: string, changes: Partial<Question> = {}) {
  const [name = "", query] = path.split("?");
  const signal = new AbortController().signal;
  return answerMetadata(identity, {
    method: "GET",
    path: name,
    query: new URLSearchParams(query),
    hasFlavor: true,
    signal,
    ...changes,
  });
}

test.each([
  ["/", "computeMetadata/\n"],
  ["/computeMetadata/", "v1/\n"],
  [`${ROOT}project/project-id`, "my-project"],
  [`${ROOT}universe/universe-domain`, "googleapis.com"],
  [`${ROOT}instance/service-accounts/default/email`, ROBOT],
  [`${ROOT}instance/service-accounts/default/aliases`, "default\n"],
])("%s is %j", async (path, body) => {
  expect(await ask(path)).toMatchObject({ code: 200, body, headers: { "metadata-flavor": "Google" } });
});

test.each<[string, Partial<Question>, number]>([
  [`${ROOT}project/project-id`, { hasFlavor: false }, 403],
  [`${ROOT}project/project-id`, { method: "PUT" }, 405],
  [`${ROOT}project/project-id`, { method: "POST" }, 405],
  [`${ROOT}project/project-id/`, {}, 404],
  [`${ROOT}instance/service-accounts/other@p.example/email`, {}, 404],
  [`${ROOT}instance/service-accounts/default/identity`, {}, 400],
])("%s with %j is refused: %d", async (path, changes, code) => {
  expect((await ask(path, changes)).code).toBe(code);
});

it("a directory without its slash is where it is with one, the query kept", async () => {
  expect(await ask(`${ROOT}instance/service-accounts?recursive=true`)).toMatchObject({
    code: 301,
    headers: { location: `${ROOT}instance/service-accounts/?recursive=true` },
  });
});

describe("tokens", () => {
  it("are the account's, for scopes that are asked for or the account's own, by GET or POST", async () => {
    const path = `${ROOT}instance/service-accounts/default/token`;
    for (const method of ["GET", "POST"]) {
      const { code, body } = await ask(path, { method });
      const { access_token, expires_in, token_type } = JSON.parse(body);
      expect([code, token_type, expires_in > 3_000]).toEqual([200, "Bearer", true]);
      expect(access_token).toMatch(/^ya29/);
    }
    await ask(`${path}?scopes=https://www.googleapis.com/auth/drive,email`);
    expect(stage.emulator.calls().at(-1)?.principal).toBe("user:dana@example.com");
  });

  it("for an audience are ID tokens", async () => {
    const { code, body } = await ask(`${ROOT}instance/service-accounts/default/identity?audience=https://a.example`);
    expect([code, body.split(".").length]).toEqual([200, 3]);
  });
});

test.each([
  [7, 403],
  [16, 401],
  [14, 503],
  [13, 500],
])(
  "a token that is refused with %d is answered with %d, so that libraries ask again only when that may help",
  (code, status) => {
    const error = new RpcError({ code, text: "no", method: "m", transport: "t" });
    expect(failureOf(error)).toMatchObject({ code: status, message: expect.stringContaining("no") });
  },
);

test.each([
  ["/", true],
  ["/computeMetadata", true],
  ["/computeMetadata/v1", true],
  ["/computeMetadata/v2/x", true],
  ["/computeMetadataX", false],
  ["/v1/token", false],
])("%s is the metadata server's: %s", (path, isIts) => {
  expect(isMetadataPath(path)).toBe(isIts);
});
