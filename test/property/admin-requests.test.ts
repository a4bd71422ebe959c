// SPDX-License-Identifier: Apache-2.0
// Properties of the admin API's requests: whatever is written, it is a RequestError or something that both transports can carry.

import * as methods from "../../src/iam-admin/methods.js";
import { RequestError } from "../../src/index.js";
import { messageFromPlain, plainFromMessage } from "../../src/messages/plain-messages.js";
import type { MethodRow } from "../../src/rpc/method/method.js";
import { transcode } from "../../src/rpc/transport/rest/transcode.js";
import { enumOf, messageOf, repeated } from "../support/field-types.js";
import { fc } from "../support/property.js";

const { IAM: _service, ...table } = methods;
const rows = Object.entries(table as unknown as Record<string, MethodRow<unknown, object, object, unknown>>); // as: anything is written

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const RIGHT = [
  ROBOT,
  `projects/-/serviceAccounts/${ROBOT}`,
  `${ROBOT}/keys/0123abc`,
  "projects/my-project",
  "projects/my-project/roles/signer",
  "roles/viewer",
  "//iam.googleapis.com/projects/my-project",
  "robot-1",
  "USER_MANAGED",
  '{"sub":"x"}',
  3,
  true,
  ["iam.serviceAccounts.get"],
  ["USER_MANAGED"],
  ["displayName"],
  Buffer.from("-----BEGIN CERTIFICATE-----"),
  { name: ROBOT, displayName: "A" },
  { title: "T", stage: "GA" },
  { expression: "true" },
  { version: 3, bindings: [{ role: "roles/viewer", members: ["user:a@b.c"], condition: { expression: "true" } }] },
  { requestedPolicyVersion: 3 },
];
const written = fc.oneof({ weight: 4, arbitrary: fc.constantFrom<unknown>(...RIGHT) }, fc.anything(), fc.string());

describe.each(rows)("%s", (_, row) => {
  const names = Object.keys(row.http?.request ?? {});

  it("is a RequestError or goes over both transports, whatever is written", () => {
    const request = fc.record(Object.fromEntries(names.map((name) => [name, written])), { requiredKeys: [] });
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: request }, fc.anything()), (plain) => {
        try {
          const message = row.normalize(plain);
          expect(row.encode(message)).toBeInstanceOf(Buffer);
          for (const [, value] of row.routing(message)) expect(typeof value).toBe("string");
          const { target } = transcode(row.http as NonNullable<typeof row.http>, message); // as: every row has one
          expect(target).toMatch(/^\/v1\/[\x21-\x7e]+$/);
        } catch (error) {
          if (!(error instanceof RequestError)) throw error;
          expect(error.message.startsWith(`${error.field}: `)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

it("a message that was read can be written again", () => {
  const inner = { text: "string", color: enumOf({ NONE: 0, RED: 1 }) } as const;
  const fields = {
    ...inner,
    inner: messageOf(inner),
    inners: repeated(messageOf(inner)),
    mask: "fieldMask",
    at: "timestamp",
  } as const;
  const one = fc.record({ text: fc.string(), color: fc.nat(1000) });
  const message = fc.record({
    text: fc.string(),
    color: fc.nat(3),
    inner: fc.option(one, { nil: undefined }),
    inners: fc.array(one),
    mask: fc.option(fc.array(fc.stringMatching(/^[a-z]+(_[a-z]+)*$/)), { nil: undefined }),
    at: fc.option(fc.record({ seconds: fc.nat().map(String), nanos: fc.nat(999_999_999) }), { nil: undefined }),
  });
  fc.assert(
    fc.property(message, (value) => {
      expect(messageFromPlain(fields, plainFromMessage(fields, value))).toEqual(value);
    }),
  );
});
