// SPDX-License-Identifier: Apache-2.0
// Properties of the builders and parsers of resource names.

import { IAMCredentialsAsyncClient as Client } from "../../src/index.js";
import { fc } from "../support/property.js";

/** A part that comes back as it was: not empty, without newline or slash. */
const part = fc.string({ unit: "binary", minLength: 1 }).filter((each) => !/[\n/]/.test(each));
/** The last part may have slashes, too. */
const lastPart = fc.string({ unit: "binary", minLength: 1 }).filter((each) => !each.includes("\n"));

test("a service account's path comes back as its parts", () => {
  fc.assert(
    fc.property(part, lastPart, (project, serviceAccount) => {
      const path = Client.serviceAccountPath(project, serviceAccount);
      expect(Client.parseServiceAccountPath(path)).toEqual({ project, serviceAccount });
    }),
  );
});

test("a location's path comes back as its parts", () => {
  fc.assert(
    fc.property(part, lastPart, (project, location) => {
      const path = Client.commonLocationPath(project, location);
      expect(Client.parseCommonLocationPath(path)).toEqual({ project, location });
    }),
  );
});

test("a path of one part comes back as that part", () => {
  fc.assert(
    fc.property(lastPart, (each) => {
      const { parseCommonBillingAccountPath: billingAccount, parseCommonFolderPath: folder } = Client;
      const { parseCommonOrganizationPath: organization, parseCommonProjectPath: project } = Client;
      expect(billingAccount(Client.commonBillingAccountPath(each))).toEqual({ billingAccount: each });
      expect(folder(Client.commonFolderPath(each))).toEqual({ folder: each });
      expect(organization(Client.commonOrganizationPath(each))).toEqual({ organization: each });
      expect(project(Client.commonProjectPath(each))).toEqual({ project: each });
    }),
  );
});

test("whatever path is parsed, it is {} or builds the same path again, one newline at the end apart", () => {
  const path = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.tuple(fc.string(), fc.string()).map(([a, b]) => `projects/${a}/serviceAccounts/${b}`),
  );
  fc.assert(
    fc.property(path, (each) => {
      const { project, serviceAccount } = Client.parseServiceAccountPath(each);
      if (project === undefined || serviceAccount === undefined) {
        expect({ project, serviceAccount }).toEqual({});
      } else {
        expect([each, each.replace(/\n$/, "")]).toContain(Client.serviceAccountPath(project, serviceAccount));
      }
    }),
  );
});
