// SPDX-License-Identifier: Apache-2.0
// A read-modify-write of a policy message by message, on a transport that answers from a script: what is sent again, and what is not.

import { addToPolicy, IAMAsyncClient } from "../../../src/iam-admin/index.js";
import { ManualClock } from "../../support/manual-clock.js";
import { rpcErrorOf } from "../../support/rejection-of.js";
import { refuse, reply, type Scene, ScriptedTransport } from "../../support/scripted-transport.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const BINDING = { role: "roles/iam.serviceAccountUser", member: "user:dana@example.com" };
const condition = { expression: "true", title: "always", description: "", location: "" };
const KEPT = { role: "roles/viewer", members: ["user:bob@example.com"], condition };
const CONFLICT = refuse("ABORTED", "Somebody was faster.");

const policy = (etag: string): Scene =>
  reply({ version: 3, bindings: [KEPT], auditConfigs: [], etag: Buffer.from(etag) });

function open(...scenes: Scene[]) {
  const clock = new ManualClock();
  const transport = new ScriptedTransport(...scenes);
  return { clock, transport, client: new IAMAsyncClient({ transport, clock }) };
}

test("each attempt reads the policy with its conditions and sends the etag of that reading, none twice", async () => {
  const { client, clock, transport } = open(
    ...[policy("1"), CONFLICT, policy("2"), CONFLICT, policy("3"), policy("4")],
  );
  const change = await clock.drive(client.addBinding(ROBOT, BINDING));
  expect(change).toMatchObject({ isChanged: true, policy: { etag: Buffer.from("4") } });
  const resource = `projects/-/serviceAccounts/${ROBOT}`;
  const added = { role: BINDING.role, members: [BINDING.member], condition: undefined };
  expect(transport.calls.map(({ message }) => message)).toEqual(
    ["1", "2", "3"].flatMap((etag) => [
      { resource, options: { requestedPolicyVersion: 3 } },
      {
        resource,
        policy: { version: 3, bindings: [KEPT, added], auditConfigs: [], etag: Buffer.from(etag) },
        updateMask: undefined,
      },
    ]),
  );
});

test("a writing whose answer was lost is repeated on request alone, and then from the reading on", async () => {
  const lost = refuse("UNAVAILABLE");
  const once = open(policy("1"), lost);
  const error = await rpcErrorOf(once.clock.drive(once.client.addBinding(ROBOT, BINDING)));
  expect([error.message, error.attempts]).toEqual(["IAM.SetIamPolicy: UNAVAILABLE: no", 1]);

  const asked = open(policy("1"), lost, policy("2"), policy("3"));
  await asked.clock.drive(asked.client.addBinding(ROBOT, BINDING, { retry: { codes: ["UNAVAILABLE"] } }));
  expect(asked.transport.calls.map(({ method }) => method.label)).toEqual([
    ...["IAM.GetIamPolicy", "IAM.SetIamPolicy"],
    ...["IAM.GetIamPolicy", "IAM.SetIamPolicy"],
  ]);
});

test("the last conflict that may be is the caller's, and says how many attempts there were", async () => {
  const { client, clock } = open(policy("1"), CONFLICT, policy("2"), CONFLICT);
  const error = await rpcErrorOf(clock.drive(client.addBinding(ROBOT, BINDING, { retry: { maxAttempts: 2 } })));
  expect([error.message, error.attempts]).toEqual(["IAM.SetIamPolicy: ABORTED: Somebody was faster.", 2]);
});

test("a modifier that does not end is left at the deadline, with what kept the attempts before it", async () => {
  const { client, clock, transport } = open(policy("1"), CONFLICT, policy("2"));
  let readings = 0;
  const update = client.updatePolicy(ROBOT, (read) => {
    readings++;
    return readings === 1 ? addToPolicy(read, BINDING) : new Promise<never>(() => {});
  });
  const error = await rpcErrorOf(clock.drive(update));
  expect([error.message, error.attempts]).toEqual([
    "IAM.SetIamPolicy: DEADLINE_EXCEEDED: the deadline of 60000 ms passed after 2 attempts; the last status was ABORTED: Somebody was faster.",
    2,
  ]);
  expect(transport.calls).toHaveLength(3);
});
