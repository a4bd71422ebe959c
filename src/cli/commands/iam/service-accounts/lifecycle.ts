// SPDX-License-Identifier: Apache-2.0
// `iamcreds iam service-accounts delete|undelete|enable|disable`, as in gcloud.

import type { IAMAsyncClient } from "../../../../iam-admin/index.js";
import type { CallOptions } from "../../../../index.js";
import { printDryRun } from "../../../print/dry-run.js";
import { confirm, printResult } from "../../../print/result.js";
import { withCaller } from "../../../source/caller.js";
import type { Command } from "../../../table/command.js";
import { dryRun } from "../../../table/common-flags.js";
import { account } from "./account-commands.js";

const flags = { Options: dryRun };

/** A command that changes the state of an account and prints no result. */
interface Change {
  readonly text: string;
  readonly method: string;
  /** What is printed when it is done, in gcloud's words. */
  done(name: string): string;
  /** What is asked first; undefined: nothing. */
  readonly question?: string;
  run(client: IAMAsyncClient, name: string, call: CallOptions): Promise<void>;
}

function changeCommand({ text, method, done, question, run }: Change): Command {
  return {
    text,
    positionals: [account],
    flags,
    run: (given, host) =>
      withCaller(given, host, async (caller) => {
        const [name = ""] = given.positionals;
        if (given.has("dry-run")) return printDryRun(given, host, { method, request: { name } });
        if (question !== undefined) await confirm(given, host, `${question} [${name}]`);
        await run(caller.adminClient(), name, caller.call);
        host.complain(`${done(name)}\n`);
        return 0;
      }),
  };
}

/** `iamcreds iam service-accounts delete`. */
export const deleteAccount = changeCommand({
  text: "Deletes a service account. It can be restored for 30 days, by its unique ID.",
  method: "IAM.DeleteServiceAccount",
  done: (name) => `deleted service account [${name}]`,
  question: "You are about to delete service account",
  run: (client, name, call) => client.deleteServiceAccount({ name }, call),
});

/** `iamcreds iam service-accounts enable`. */
export const enableAccount = changeCommand({
  text: "Enables a service account.",
  method: "IAM.EnableServiceAccount",
  done: (name) => `Enabled service account [${name}].`,
  run: (client, name, call) => client.enableServiceAccount({ name }, call),
});

/** `iamcreds iam service-accounts disable`. */
export const disableAccount = changeCommand({
  text: "Disables a service account: nobody can act as it.",
  method: "IAM.DisableServiceAccount",
  done: (name) => `Disabled service account [${name}].`,
  run: (client, name, call) => client.disableServiceAccount({ name }, call),
});

/** `iamcreds iam service-accounts undelete`. */
export const undeleteAccount: Command = {
  text: "Restores a service account that was deleted less than 30 days ago, by its unique ID.",
  positionals: [{ name: "UNIQUE-ID" }],
  flags,
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const [id = ""] = given.positionals;
      const request = { name: `projects/-/serviceAccounts/${id}` };
      if (given.has("dry-run")) return printDryRun(given, host, { method: "IAM.UndeleteServiceAccount", request });
      const answer = await caller.adminClient().undeleteServiceAccount(request, caller.call);
      printResult(given, host, { json: answer });
      return 0;
    }),
};
