// SPDX-License-Identifier: Apache-2.0
// `iamcreds iam service-accounts sign-jwt|sign-blob`: files signed as a service account, as in gcloud.

import { writeFileSync } from "node:fs";
import { readGivenInput } from "../../../host/given-file.js";
import type { Host } from "../../../host/host.js";
import { CommandError, messageOf } from "../../../host/output.js";
import { printDryRun } from "../../../print/dry-run.js";
import { formatOf, printResult } from "../../../print/result.js";
import { requireSigner, withCaller } from "../../../source/caller.js";
import type { Command, Given, Positional } from "../../../table/command.js";
import { dryRun, iamAccount } from "../../../table/common-flags.js";

const positionals: readonly Positional[] = [
  { name: "INPUT", isFile: true },
  { name: "OUTPUT", isFile: true },
];
const flags = { Options: { ...iamAccount, ...dryRun } };

// Readable by its owner only: whoever has a signed claim can use it.
function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content, { mode: 0o600 });
  } catch (error) {
    throw new CommandError(`OUTPUT cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** Writes what was signed: to OUTPUT, and to standard output in the requested format. */
function deliver(
  given: Given,
  host: Host,
  signed: { kind: string; keyId: string; content: string | Uint8Array; text: string; json: object; account: string },
): void {
  const [input = "", output = ""] = given.positionals;
  if (output !== "-") writeOutput(output, signed.content);
  if (formatOf(given) !== "text") printResult(given, host, { json: signed.json });
  else if (output === "-" && typeof signed.content !== "string" && !host.isTerminal.output)
    host.printBytes(signed.content);
  else if (output === "-") host.print(signed.text);
  host.complain(
    `signed ${signed.kind} [${input}] as [${output}] for [${signed.account}] using key [${signed.keyId}]\n`,
  );
}

/** `iamcreds iam service-accounts sign-jwt`. */
export const signJwt: Command = {
  text: `Signs the claims in INPUT, a JSON object, with a Google-managed key of a service account, and writes the JWT to OUTPUT. - stands for
standard input or output.`,
  positionals,
  flags,
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { target, as } = requireSigner(given);
      const payload = (await readGivenInput(given.positionals[0] ?? "", "INPUT", host)).toString("utf8");
      const request = { name: target.account, delegates: target.delegates, payload };
      if (given.has("dry-run")) {
        return printDryRun(given, host, { method: "IAMCredentials.SignJwt", request: { ...request, payload: "…" } });
      }
      const { keyId, signedJwt } = await caller.credentialsClient(caller.optionsAs(as)).signJwt(request, caller.call);
      const json = { keyId, signedJwt };
      deliver(given, host, {
        kind: "jwt",
        keyId,
        content: signedJwt,
        text: `${signedJwt}\n`,
        json,
        account: target.account,
      });
      return 0;
    }),
};

/** `iamcreds iam service-accounts sign-blob`. */
export const signBlob: Command = {
  text: `Signs the bytes of INPUT with a Google-managed key of a service account, and writes the signature to OUTPUT. - stands for standard
input or output; a terminal gets the signature in base64.`,
  positionals,
  flags,
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { target, as } = requireSigner(given);
      const payload = await readGivenInput(given.positionals[0] ?? "", "INPUT", host);
      const request = { name: target.account, delegates: target.delegates, payload };
      if (given.has("dry-run")) {
        return printDryRun(given, host, { method: "IAMCredentials.SignBlob", request: { ...request, payload: "…" } });
      }
      const { keyId, signedBlob } = await caller.credentialsClient(caller.optionsAs(as)).signBlob(request, caller.call);
      const text = `${signedBlob.toString("base64")}\n`;
      if (given.positionals[1] === "-" && host.isTerminal.output)
        host.complain("# base64, because standard output is a terminal\n");
      deliver(given, host, {
        kind: "blob",
        keyId,
        content: signedBlob,
        text,
        json: { keyId, signedBlob },
        account: target.account,
      });
      return 0;
    }),
};
