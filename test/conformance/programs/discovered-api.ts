// SPDX-License-Identifier: Apache-2.0
// Has googleapis build clients from the discovery documents of the emulator at URL, and calls it. Prints what it got as JSON.

import type { iam_v1 } from "@googleapis/iam";
import type { iamcredentials_v1 } from "@googleapis/iamcredentials";

// Its index says nothing of it in types; `googleapis.discoverAPI` of the package googleapis is this.
interface Discovery {
  discoverAPI(url: string): Promise<(options: object) => unknown>;
}

async function main(): Promise<void> {
  const path = require.resolve("googleapis-common", { paths: [require.resolve("@googleapis/iam")] });
  const common = require(path) as { readonly Discovery: new (options: object) => Discovery };
  const discovery = new common.Discovery({ debug: false, includePrivate: false });
  const [url = "", account] = [process.env["URL"], process.env["ACCOUNT"]];
  const open = async (document: string) => {
    const build = await discovery.discoverAPI(`${url}${document}`);
    return build({ headers: { authorization: "Bearer owner" } });
  };
  const credentials = (await open("/$discovery/rest?version=v1")) as iamcredentials_v1.Iamcredentials;
  const admin = (await open("/discovery/v1/apis/iam/v1/rest")) as iam_v1.Iam;
  const name = `projects/-/serviceAccounts/${account}`;
  const { data: signed } = await credentials.projects.serviceAccounts.signBlob({
    name,
    requestBody: { payload: "AQ==" },
  });
  const { data: list } = await admin.projects.serviceAccounts.list({ name: "projects/demo-project", pageSize: 1 });
  const { data: old } = await admin.projects.serviceAccounts.signBlob({ name, requestBody: { bytesToSign: "AQ==" } });
  const { data: role } = await admin.roles.get({ name: "roles/iam.serviceAccountTokenCreator" });
  process.stdout.write(JSON.stringify({ signed, list, old, role }));
}

void main();
