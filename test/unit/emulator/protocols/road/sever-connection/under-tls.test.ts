// SPDX-License-Identifier: Apache-2.0
// Faults under TLS: what is done to a connection is done to the one below it, and the next one is served.

import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import type { EmulatorConnectionFault } from "../../../../../../src/emulator/index.js";
import { nameOf, openStage, type Stage, TARGET } from "../../../stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ tls: true });
});
afterAll(() => stage.close());

function codeOf(client: Client): Promise<number> {
  const { path, requestSerialize, responseDeserialize } = rows.signBlob;
  const request = { name: nameOf(TARGET), delegates: [], payload: Buffer.of(1) };
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer owner");
  const options = { deadline: Date.now() + 5_000 };
  return new Promise((resolve) => {
    const done = (error: ServiceError | null) => resolve(error?.code ?? 0);
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, options, done);
  });
}

test.each<EmulatorConnectionFault>(["reset", "half-close", "goaway", "garbage", "truncate"])(
  "%s",
  async (connection) => {
    const trust = credentials.createSsl(Buffer.from(stage.emulator.caCertificate ?? ""));
    // Node 26 takes no address for a server's name, and grpc-js gives it one.
    const options = { "grpc.use_local_subchannel_pool": 1, "grpc.ssl_target_name_override": "localhost" };
    const open = () => new Client(stage.emulator.host, trust, options);
    const first = open();
    expect(await codeOf(first)).toBe(0);
    const remove = stage.emulator.addFault({ connection });
    expect([1, 4, 13, 14]).toContain(await codeOf(first));
    remove();
    first.close();
    const second = open();
    expect(await codeOf(second)).toBe(0);
    second.close();
  },
);
