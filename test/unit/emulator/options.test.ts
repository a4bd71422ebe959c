// SPDX-License-Identifier: Apache-2.0
// The options of an emulator: what each is without, which are refused and how that reads, and what a seed adds.

import { describe, expect, it, test } from "@jest/globals";

import { type EmulatorStartOptions, mergeSeed, resolveOptions } from "../../../src/emulator/options.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const OTHER = "other@my-project.iam.gserviceaccount.com";

describe("options that are not given", () => {
  it("make an emulator on any port of loopback that answers as Google does, with nothing in it", () => {
    const options = resolveOptions({});
    expect(options).toMatchObject({
      serviceAccounts: [],
      grants: [],
      roles: [],
      owner: true,
      tls: false,
      missingAccounts: "google",
      policyPropagationMs: 0,
      quotas: undefined,
      userProjects: "anyone",
      allowedLocations: { locations: [], encodedLocations: "0x0" },
    });
    expect(options.identityProviders).toHaveLength(1);
  });

  it("are the same as undefined", () => {
    expect(resolveOptions({ owner: undefined, grants: undefined })).toEqual(resolveOptions({}));
  });
});

it("the machine is that of the first account, and providers come behind the emulator's own", () => {
  const { metadataServer } = resolveOptions({ serviceAccounts: [ROBOT, OTHER] });
  expect(metadataServer.projectId).toBe("my-project");
  expect(resolveOptions({ quotas: true }).quotas).toBeDefined();
});

test.each<[unknown, string]>([
  [{ account: [] }, "account is not an option of the emulator; valid names are serviceAccounts, grants, host"],
  [{ serviceAccounts: ROBOT }, "serviceAccounts must be an array"],
  [{ serviceAccounts: [ROBOT, "robot"] }, "serviceAccounts[1] must be an e-mail address"],
  [{ owner: 1 }, "owner must be a boolean, not 1"],
  [{ policyPropagationMs: -1 }, "policyPropagationMs must be a non-negative number of milliseconds, not -1"],
  [
    { policyPropagationMs: Number.POSITIVE_INFINITY },
    "policyPropagationMs must be a non-negative number of milliseconds",
  ],
  // The old names of these values, as the changelog has them.
  [{ missingAccounts: "observed" }, 'missingAccounts has been renamed to "google", not "observed"'],
  [{ missingAccounts: "told" }, 'missingAccounts has been renamed to "notFound", not "told"'],
  [{ missingAccounts: "hidden" }, 'missingAccounts has been renamed to "permissionDenied", not "hidden"'],
  [{ missingAccounts: "never" }, "missingAccounts must be one of google, notFound, permissionDenied"],
  [{ userProjects: "nobody" }, "userProjects must be one of anyone, permitted"],
  [{ ports: { metadataServerMtls: 0 } }, "ports.metadataServerMtls needs metadataServer.mtlsDirectory"],
  [{ grants: [{ member: "user:a@b.example" }] }, "grants[0].role is missing"],
  [[], "options must be an object"],
])("%j is refused: %s", (options, message) => {
  // as: what JavaScript may give
  expect(() => resolveOptions(options as EmulatorStartOptions)).toThrow(
    expect.objectContaining({ name: "TypeError", message: expect.stringContaining(message) }),
  );
});

describe("a seed and options", () => {
  it("are lists one after the other, the seed's first", () => {
    const seed = { version: 1, serviceAccounts: [{ email: ROBOT }], disabledServices: ["iam.googleapis.com"] } as const;
    const merged = mergeSeed(seed, { serviceAccounts: [OTHER], owner: false });
    expect(merged).toMatchObject({
      serviceAccounts: [ROBOT, OTHER],
      disabledServices: ["iam.googleapis.com"],
      grants: [],
      owner: false,
    });
  });

  it("have of the machine what the options say, field by field, and the rest of the seed", () => {
    const seed = { version: 1, metadataServer: { projectId: "seed-project", zone: "europe-west1-b" } } as const;
    const merged = mergeSeed(seed, { metadataServer: { projectId: "own-project", zone: undefined } });
    expect(merged.metadataServer).toEqual({ projectId: "own-project", zone: "europe-west1-b" });
  });
});
