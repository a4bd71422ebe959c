// SPDX-License-Identifier: Apache-2.0
// What is kept of a grant whose answer was lost, on a transport that answers from a script.

import { GrantError, IAMAsyncClient, type TokenCreatorGrant } from "../../../../../src/iam-admin/index.js";
import { RpcError } from "../../../../../src/index.js";
import { ManualClock } from "../../../../support/manual-clock.js";
import { rejectionOf } from "../../../../support/rejection-of.js";
import { refuse, reply, type Scene, ScriptedTransport, silence } from "../../../../support/scripted-transport.js";

const DANA = "user:dana@example.com";
const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const BUILD = "build@my-project.iam.gserviceaccount.com";
const REQUEST = { caller: DANA, target: ROBOT };

const policy = (...members: string[]): Scene => {
  const bindings = [{ role: "roles/iam.serviceAccountTokenCreator", members, condition: undefined }];
  return reply({ version: 1, bindings, auditConfigs: [], etag: Buffer.from("1") });
};
const EVE = "user:eve@example.com";

function open(...scenes: Scene[]) {
  const clock = new ManualClock();
  const transport = new ScriptedTransport(...scenes);
  return { clock, transport, client: new IAMAsyncClient({ transport, clock }) };
}

test("a grant whose answer was lost is taken back with the others", async () => {
  const { client, transport } = open(
    ...[policy(EVE), policy(EVE, DANA)], // the first hop
    ...[policy(EVE), refuse("UNAVAILABLE")], // the second
    ...[policy(EVE, `serviceAccount:${BUILD}`), policy(EVE), policy(EVE, DANA), policy(EVE)], // both are taken back
  );
  const error = await rejectionOf(client.grantTokenCreator({ ...REQUEST, delegates: [BUILD] }));
  expect(error).toBeInstanceOf(GrantError);
  const { message, grant } = error as GrantError;
  expect(message).toContain("granted 1 of the hops, but failed to grant roles/iam.serviceAccountTokenCreator");
  expect(grant.hops).toHaveLength(1);
  const resources = [ROBOT, BUILD].map((email) => `projects/-/serviceAccounts/${email}`);
  expect((await grant.takeBack()).map(({ resource }) => resource)).toEqual(resources);
  expect(transport.calls).toHaveLength(8);
});

test("a lost answer alone is a GrantError, a plain no of the service is itself, and so is what failed before", async () => {
  const lost = open(policy(EVE), refuse("INTERNAL"), policy(EVE));
  const error = await rejectionOf(lost.client.grantTokenCreator(REQUEST));
  expect(error).toBeInstanceOf(GrantError);
  expect(await (error as GrantError).grant.takeBack()).toEqual([]); // it had not been written

  for (const scenes of [[policy(EVE), refuse("PERMISSION_DENIED")], [refuse("UNAVAILABLE")]]) {
    const refused = await rejectionOf(open(...scenes).client.grantTokenCreator(REQUEST));
    expect(refused).toBeInstanceOf(RpcError);
    expect((refused as Error).message).toMatch(/^IAM\.[GS]etIamPolicy: (PERMISSION_DENIED|UNAVAILABLE): no$/);
  }
});

test("an abort while a grant is being written leaves it to be taken back", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let held: TokenCreatorGrant | undefined;
  const clock = new ManualClock();
  const hang: Scene = (call) => {
    const answer = silence(clock)(call);
    controller.abort(reason);
    return answer;
  };
  const transport = new ScriptedTransport(policy(EVE), hang, policy(EVE, DANA), policy(EVE));
  const client = new IAMAsyncClient({ transport, clock });
  const onProgress = ({ grant }: { grant: TokenCreatorGrant }) => {
    held = grant;
  };
  const options = { signal: controller.signal, onProgress };
  expect(await rejectionOf(client.grantTokenCreator(REQUEST, options))).toBe(reason);
  expect(await held?.takeBack()).toHaveLength(1);
});
