// SPDX-License-Identifier: Apache-2.0
// `iamcreds iam service-accounts keys list|get-public-key|report`: keys as they are. Changes none.

import { writeFileSync } from "node:fs";
import type { KeySummary, ListKeysRequest } from "../../../../../iam-admin/index.js";
import { CommandError, messageOf } from "../../../../host/output.js";
import type { Column } from "../../../../print/format-table.js";
import { printList, printResult } from "../../../../print/result.js";
import { requireSigner, withCaller } from "../../../../source/caller.js";
import type { Command } from "../../../../table/command.js";
import { iamAccount, listing } from "../../../../table/common-flags.js";

const KINDS = ["any", "system", "user"];
const FORMS = { pem: "TYPE_X509_PEM_FILE", raw: "TYPE_RAW_PUBLIC_KEY" } as const;

function keyTypesOf(managedBy: string | undefined): ListKeysRequest["keyTypes"] {
  if (managedBy === "user") return ["USER_MANAGED"];
  return managedBy === "system" ? ["SYSTEM_MANAGED"] : undefined;
}

/** A key as it is printed. */
type PrintedKey = Omit<KeySummary, "validAfter" | "validBefore"> & {
  readonly validAfterTime: Date | undefined;
  readonly validBeforeTime: Date | undefined;
};

/** A key with the field names of Google's API, as gcloud prints it, plus its id. */
function withGoogleNames({ validAfter, validBefore, ...key }: KeySummary): PrintedKey {
  return { ...key, validAfterTime: validAfter, validBeforeTime: validBefore };
}

const columns: readonly Column<PrintedKey>[] = [
  { header: "KEY_ID", cell: ({ keyId }) => keyId },
  { header: "CREATED_AT", cell: ({ validAfterTime }, time) => time(validAfterTime) },
  { header: "EXPIRES_AT", cell: ({ validBeforeTime }, time) => time(validBeforeTime) },
  { header: "DISABLED", cell: ({ disabled }) => (disabled ? "True" : "") },
];

/** `iamcreds iam service-accounts keys list`. */
export const listKeys: Command = {
  text: "Lists the keys of a service account, oldest first.",
  flags: {
    Options: {
      ...iamAccount,
      "managed-by": {
        value: KINDS.join("|"),
        values: KINDS,
        text: "only keys managed by Google (system) or by users; default: any",
      },
      ...listing,
    },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { account: name } = requireSigner(given).target;
      const keyTypes = keyTypesOf(given.text("managed-by"));
      const keys = await caller.adminClient().listKeys({ name, keyTypes }, caller.call);
      await printList(given, host, keys.map(withGoogleNames), columns);
      return 0;
    }),
};

/** `iamcreds iam service-accounts keys report`. */
export const reportKeys: Command = {
  text: "Reports how many user-managed keys a service account has (ten at most), and the oldest one that is disabled or expired.",
  flags: { Options: iamAccount },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { account: name } = requireSigner(given).target;
      const report = await caller.adminClient().keyReport({ name }, caller.call);
      printResult(given, host, { json: report, text: `${report.text}\n` });
      return 0;
    }),
};

/** `iamcreds iam service-accounts keys get-public-key`. */
export const getPublicKey: Command = {
  text: "Writes the public key of a key pair: as an X.509 certificate (pem), or as the bare key (raw).",
  positionals: [{ name: "KEY-ID" }],
  flags: {
    Options: {
      ...iamAccount,
      type: { value: "pem|raw", values: Object.keys(FORMS), text: "format; default: pem" },
      "output-file": { value: "file", isFile: true, text: "where to write it; default: standard output" },
    },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { account: name } = requireSigner(given).target;
      const [keyId = ""] = given.positionals;
      const publicKeyType = FORMS[given.text("type") === "raw" ? "raw" : "pem"];
      const key = await caller.adminClient().getKey({ name, keyId, publicKeyType }, caller.call);
      const text = key.publicKey ?? "";
      const path = given.text("output-file") ?? "-";
      if (path === "-") printResult(given, host, { json: key, text });
      else {
        try {
          writeFileSync(path, text);
        } catch (error) {
          throw new CommandError(`--output-file cannot be written: ${messageOf(error)}`, { cause: error });
        }
        host.complain(`written key [${keyId}] for [${name}] as [${path}]\n`);
      }
      return 0;
    }),
};
