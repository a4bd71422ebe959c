// SPDX-License-Identifier: Apache-2.0
// Which grants calls have needed, and how they are written; what is observed and passes; and what a chain is told to be.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import type { EmulatorNeededGrant } from "../../../../src/emulator/controls/needed-grants.js";
import { formatNeededGrants } from "../../../../src/emulator/controls/needed-grants-text.js";
import { ALICE, CLOUD_PLATFORM, FIRST, nameOf, SECOND, TARGET, TOKEN_CREATOR } from "../stage.js";
import { DELEGATION, memberOf, openUngrantedStage, type UngrantedStage } from "../ungranted-stage.js";

const SIGN_BLOB = "iam.serviceAccounts.signBlob";

let stage: UngrantedStage;
beforeEach(async () => {
  stage = await openUngrantedStage();
});
afterEach(() => stage.close());

const sign = (...delegates: readonly string[]) => ({
  name: nameOf(TARGET),
  delegates: delegates.map(nameOf),
  payload: Buffer.from("x"),
});

describe("the grants that calls have needed", () => {
  test("are those that gave the permissions, and for what was denied or not reached the narrowest role", async () => {
    const { emulator, client } = stage;
    emulator.addGrant({ member: ALICE, role: "roles/owner", project: "demo-project" });
    emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, serviceAccount: FIRST });
    await client.refusal(rows.signBlob, sign(FIRST, SECOND), { token: stage.token });
    await client.refusal(rows.signBlob, sign(FIRST, SECOND), { token: stage.token });
    const granted = { role: TOKEN_CREATOR, count: 2 };
    expect(emulator.neededGrants()).toEqual([
      { ...granted, member: ALICE, serviceAccount: FIRST, permissions: [DELEGATION], isGranted: true },
      { ...granted, member: memberOf(FIRST), serviceAccount: SECOND, permissions: [DELEGATION], isGranted: false },
      { ...granted, member: memberOf(SECOND), serviceAccount: TARGET, permissions: [SIGN_BLOB], isGranted: false },
    ]);
  });

  test("let the same calls pass once they are made", async () => {
    const { emulator, client } = stage;
    await client.refusal(rows.signBlob, sign(FIRST), { token: stage.token });
    for (const { member, role, serviceAccount } of emulator.neededGrants()) {
      emulator.addGrant({ member, role, serviceAccount });
    }
    await client.call(rows.signBlob, sign(FIRST), { token: stage.token });
    expect(emulator.neededGrants().every(({ isGranted }) => isGranted)).toBe(true);
  });

  test("are one for the permissions of one role, and none for owner", async () => {
    const { emulator, client } = stage;
    emulator.setEnforcement("observe");
    await client.call(rows.signBlob, sign(), { token: stage.token });
    const access = { name: nameOf(TARGET), delegates: [], scope: [CLOUD_PLATFORM], lifetime: undefined };
    await client.call(rows.generateAccessToken, access, { token: stage.token });
    await client.call(rows.signBlob, sign(), { token: "owner" });
    expect(emulator.neededGrants()).toEqual([
      {
        member: ALICE,
        role: TOKEN_CREATOR,
        serviceAccount: TARGET,
        permissions: ["iam.serviceAccounts.getAccessToken", SIGN_BLOB],
        count: 2,
        isGranted: false,
      },
    ]);
  });

  test("have the condition that they were given under, with its title", async () => {
    const { emulator, client } = stage;
    const condition = { expression: 'resource.name.startsWith("projects/demo-project")', title: "demo" };
    emulator.addGrant({ member: ALICE, role: TOKEN_CREATOR, project: "demo-project", condition });
    await client.call(rows.signBlob, sign(), { token: stage.token });
    expect(emulator.neededGrants()).toMatchObject([{ project: "demo-project", condition, isGranted: true }]);
    expect(emulator.neededGrants()[0]).not.toHaveProperty("serviceAccount");
  });

  test("are told in no other form than the four", () => {
    expect(() => stage.emulator.neededGrants("yaml" as never)).toThrow(
      'format must be one of json, gcloud, iamcreds, terraform, not "yaml"',
    );
  });
});

describe("needed grants as text", () => {
  const counted = { permissions: [], count: 1, isGranted: false };
  const grants: readonly EmulatorNeededGrant[] = [
    { ...counted, member: ALICE, role: TOKEN_CREATOR, serviceAccount: TARGET },
    {
      ...counted,
      member: "principal://iam.googleapis.com/a'b",
      role: "roles/viewer",
      project: "demo-project",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what Terraform would read as a template of its own
      condition: { expression: 'a in ["x", "${y}"]', title: "when: x" },
    },
  ];

  test("are commands of gcloud, whose delimiter is none of the condition's characters", () => {
    expect(formatNeededGrants(grants, "gcloud")).toBe(
      `gcloud iam service-accounts add-iam-policy-binding ${TARGET} --member=${ALICE} --role=${TOKEN_CREATOR} --condition=None\n` +
        "gcloud projects add-iam-policy-binding demo-project '--member=principal://iam.googleapis.com/a'\\''b' --role=roles/viewer " +
        `'--condition=^|^expression=a in ["x", "\${y}"]|title=when: x'\n`,
    );
  });

  test("are commands of iamcreds, which takes the commas of an expression for its own", () => {
    const [one, other] = formatNeededGrants(grants, "iamcreds").split("\n");
    expect(one).toMatch(/^iamcreds iam service-accounts add-iam-policy-binding target@/);
    expect(other).toContain(`'--condition=expression=a in ["x", "\${y}"],title=when: x'`);
  });

  test("are resources of Terraform, each under a name of its own, in which nothing is a template", () => {
    const [first, second] = grants;
    if (first === undefined || second === undefined) throw new Error("there are two");
    expect(
      formatNeededGrants([first, first, second], "terraform"),
    ).toBe(`resource "google_service_account_iam_member" "user_alice_iam_serviceaccounttokencreator" {
  service_account_id = "projects/demo-project/serviceAccounts/${TARGET}"
  role               = "${TOKEN_CREATOR}"
  member             = "${ALICE}"
}

resource "google_service_account_iam_member" "user_alice_iam_serviceaccounttokencreator_2" {
  service_account_id = "projects/demo-project/serviceAccounts/${TARGET}"
  role               = "${TOKEN_CREATOR}"
  member             = "${ALICE}"
}

resource "google_project_iam_member" "principal_iam_googleapis_com_a_b_viewer" {
  project = "demo-project"
  role    = "roles/viewer"
  member  = "principal://iam.googleapis.com/a'b"

  condition {
    expression = "a in [\\"x\\", \\"$\${y}\\"]"
    title      = "when: x"
  }
}
`);
  });

  test("are nothing where nothing was needed", () => {
    expect(formatNeededGrants([], "gcloud")).toBe("");
  });
});
