// SPDX-License-Identifier: Apache-2.0
// The grants of a chain and their commands; the host of the API beside.

import { credentialsEndpointOf } from "../../../../src/iam-admin/chain/credentials-session.js";
import { buildChainGrants, memberOfCredentials } from "../../../../src/iam-admin/chain/hops.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";

test("an account may be given by its address or by a resource name with it", () => {
  const [plain] = buildChainGrants({ target: ROBOT }, "user:dana@example.com");
  const [named] = buildChainGrants({ target: `projects/my-project/serviceAccounts/${ROBOT}` }, "user:dana@example.com");
  expect(plain).toEqual(named);
  expect(plain?.resource).toBe(`projects/-/serviceAccounts/${ROBOT}`);
});

test.each([
  ["user:dana@example.com", "--member=user:dana@example.com "],
  ["user:o'hara@example.com", "--member='user:o'\\''hara@example.com' "],
  ["serviceAccount:p.svc.id.goog[ns/worker]", "--member='serviceAccount:p.svc.id.goog[ns/worker]' "],
  ["principalSet://iam.googleapis.com/pool/*", "--member='principalSet://iam.googleapis.com/pool/*' "],
  [undefined, "--member=CALLER "],
])("a shell takes the command as it stands: %s", (caller, part) => {
  expect(buildChainGrants({ target: ROBOT }, caller)[0]?.command).toContain(part);
});

test("an account may act as itself, if that is granted", () => {
  const [hop] = buildChainGrants({ target: ROBOT }, `serviceAccount:${ROBOT}`);
  expect(hop?.command).toBe(
    `gcloud iam service-accounts add-iam-policy-binding ${ROBOT} --member=serviceAccount:${ROBOT} --role=roles/iam.serviceAccountTokenCreator --condition=None`,
  );
});

test.each([
  [undefined, undefined],
  ["iam.googleapis.com", "iamcredentials.googleapis.com"],
  ["iam.googleapis.com:443", "iamcredentials.googleapis.com:443"],
  ["iam.mtls.googleapis.com", "iamcredentials.mtls.googleapis.com"],
  ["iam.us-east1.rep.googleapis.com", "iamcredentials.us-east1.rep.googleapis.com"],
  ["iam-team.p.googleapis.com", "iamcredentials-team.p.googleapis.com"],
  ["127.0.0.1:41235", "127.0.0.1:41235"],
  ["iamlocal:8080", "iamlocal:8080"],
])("the credentials API is called beside %s at %s", (endpoint, expected) => {
  expect(credentialsEndpointOf(endpoint)).toBe(expected);
});

test.each([
  [{ client_email: ROBOT, private_key: "" }, `serviceAccount:${ROBOT}`],
  [{ targetPrincipal: ROBOT }, `serviceAccount:${ROBOT}`],
  [{ targetPrincipal: `projects/-/serviceAccounts/${ROBOT}` }, `serviceAccount:${ROBOT}`],
  [{ targetPrincipal: ROBOT, subject: "dana@example.com" }, undefined],
  [{ targetPrincipal: "123456789012345678901" }, undefined],
  [{ getRequestMetadata: () => ({}) }, undefined],
  [undefined, undefined],
])("credentials tell whose they are, if they name an account: %j", (credentials, member) => {
  expect(memberOfCredentials(credentials)).toBe(member);
});
