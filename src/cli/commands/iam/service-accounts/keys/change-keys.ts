// SPDX-License-Identifier: Apache-2.0
// `iamcreds iam service-accounts keys create|upload|delete|enable|disable`. A private key goes to a file that only its owner can read, or
// down a pipe, and is never shown.

import type { CreatedKey, IAMAsyncClient } from "../../../../../iam-admin/index.js";
import type { CallOptions } from "../../../../../index.js";
import { readGivenInput } from "../../../../host/given-file.js";
import type { Host } from "../../../../host/host.js";
import { UsageError } from "../../../../host/output.js";
import { printDryRun } from "../../../../print/dry-run.js";
import { confirm, printResult } from "../../../../print/result.js";
import { requireSigner, withCaller } from "../../../../source/caller.js";
import type { Command } from "../../../../table/command.js";
import { dryRun, iamAccount } from "../../../../table/common-flags.js";

const TYPES = { json: "TYPE_GOOGLE_CREDENTIALS_FILE", p12: "TYPE_PKCS12_FILE" } as const;

/** Key names need no project: `-` stands for it. */
const keyName = (account: string, keyId: string) =>
  `${account.includes("/") ? account : `projects/-/serviceAccounts/${account}`}/keys/${keyId}`;

function printPrivateKey(host: Host, key: CreatedKey): string {
  if ("privateKeyData" in key) {
    host.printBytes(key.privateKeyData);
    return key.keyId;
  }
  host.print(`${JSON.stringify(key, undefined, 2)}\n`);
  return "private_key_id" in key ? String(key.private_key_id) : "";
}

/** `iamcreds iam service-accounts keys create`. */
export const createKey: Command = {
  text: `Creates a key of a service account and writes the private key to FILE with mode 0600. This is the only copy. - stands for standard
output, which must not be a terminal.`,
  positionals: [{ name: "FILE", isFile: true }],
  flags: {
    Options: {
      ...iamAccount,
      "key-file-type": { value: "json|p12", values: Object.keys(TYPES), text: "format of the file; default: json" },
      overwrite: { text: "replace FILE if it exists; the key in it is lost" },
      ...dryRun,
    },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { account: name } = requireSigner(given).target;
      const [file = ""] = given.positionals;
      const type = given.text("key-file-type") === "p12" ? "p12" : "json";
      const request = { name, privateKeyType: TYPES[type] };
      if (given.has("dry-run")) return printDryRun(given, host, { method: "IAM.CreateServiceAccountKey", request });
      const client = caller.adminClient();
      const tell = (id: string) => host.complain(`created key [${id}] of type [${type}] as [${file}] for [${name}]\n`);
      if (file === "-") {
        if (host.isTerminal.output)
          throw new UsageError("FILE: - would print the private key on this terminal; name a file, or use a pipe");
        tell(printPrivateKey(host, await client.createKey(request, caller.call)));
        return 0;
      }
      const written = await client.createKey({ ...request, file, overwrite: given.has("overwrite") }, caller.call);
      tell(written.keyId);
      printResult(given, host, { json: written, text: `${written.file}\n` });
      return 0;
    }),
};

/** `iamcreds iam service-accounts keys upload`. */
export const uploadKey: Command = {
  text: "Uploads the public key of a key pair of your own, as an X.509 certificate in PEM format.",
  positionals: [{ name: "CERTIFICATE", isFile: true }],
  flags: { Options: { ...iamAccount, ...dryRun } },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { account: name } = requireSigner(given).target;
      const [path = ""] = given.positionals;
      const publicKeyData = await readGivenInput(path, "CERTIFICATE", host);
      if (publicKeyData.includes("PRIVATE KEY"))
        throw new UsageError("CERTIFICATE contains a private key: upload only the certificate");
      const request = { name, publicKeyData };
      if (given.has("dry-run")) return printDryRun(given, host, { method: "IAM.UploadServiceAccountKey", request });
      printResult(given, host, { json: await caller.adminClient().uploadServiceAccountKey(request, caller.call) });
      return 0;
    }),
};

/** A command that changes the state of a key and prints no result. */
interface Change {
  readonly text: string;
  readonly method: string;
  done(which: string): string;
  readonly question?: string;
  run(client: IAMAsyncClient, name: string, call: CallOptions): Promise<void>;
}

function changeCommand({ text, method, done, question, run }: Change): Command {
  return {
    text,
    positionals: [{ name: "KEY-ID" }],
    flags: { Options: { ...iamAccount, ...dryRun } },
    run: (given, host) =>
      withCaller(given, host, async (caller) => {
        const { account } = requireSigner(given).target;
        const [keyId = ""] = given.positionals;
        const name = keyName(account, keyId);
        if (given.has("dry-run")) return printDryRun(given, host, { method, request: { name } });
        if (question !== undefined)
          await confirm(given, host, `${question} [${keyId}] for service account [${account}]`);
        await run(caller.adminClient(), name, caller.call);
        host.complain(`${done(`[${keyId}] for service account [${account}]`)}\n`);
        return 0;
      }),
  };
}

/** `iamcreds iam service-accounts keys delete`. */
export const deleteKey = changeCommand({
  text: "Deletes a key of a service account. Tokens obtained with it stay valid.",
  method: "IAM.DeleteServiceAccountKey",
  done: (which) => `deleted key ${which}`,
  question: "You are about to delete key",
  run: (client, name, call) => client.deleteServiceAccountKey({ name }, call),
});

/** `iamcreds iam service-accounts keys enable`. */
export const enableKey = changeCommand({
  text: "Enables a key.",
  method: "IAM.EnableServiceAccountKey",
  done: (which) => `Enabled key ${which}.`,
  run: (client, name, call) => client.enableServiceAccountKey({ name }, call),
});

/** `iamcreds iam service-accounts keys disable`. */
export const disableKey = changeCommand({
  text: "Disables a key.",
  method: "IAM.DisableServiceAccountKey",
  done: (which) => `Disabled key ${which}.`,
  run: (client, name, call) => client.disableServiceAccountKey({ name }, call),
});
