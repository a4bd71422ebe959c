// SPDX-License-Identifier: Apache-2.0
// `iamcreds auth decode`: what a token says, a JWT's header and claims or an opaque token's tokeninfo. Never shows the signature.

import type * as FrontDoor from "../../../index.js";
import { readGivenInput } from "../../host/given-file.js";
import type { Host } from "../../host/host.js";
import { CommandError, UsageError } from "../../host/output.js";
import { printResult } from "../../print/result.js";
import { splitList, withCaller } from "../../source/caller.js";
import { emulatorHost } from "../../source/emulator-host.js";
import { askTokenInfo } from "../../source/read-token-info.js";
import type { Command, Given } from "../../table/command.js";

type Document = Readonly<Record<string, unknown>>;

async function readToken(path: string, host: Host): Promise<string> {
  return (await readGivenInput(path, "TOKEN-FILE", host)).toString("utf8").trim();
}

function parsePart(part: string): Document | undefined {
  try {
    const document: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof document === "object" && document !== null ? (document as Document) : undefined; // as: it is one
  } catch {
    return undefined; // the parser's message would repeat the token
  }
}

function parseJwt(token: string): { header: Document; claims: Document } | undefined {
  const [head = "", body = "", signature] = token.split(".");
  const [header, claims] = [parsePart(head), parsePart(body)];
  return header === undefined || claims === undefined || signature === undefined ? undefined : { header, claims };
}

/** Google signs ID tokens; everything else is signed by the service account in `iss`. */
async function verify(
  { token, claims }: { readonly token: string; readonly claims: Document },
  given: Given,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const { Verifier } = require("../../../index.js") as typeof FrontDoor; // its own type
  const emulator = emulatorHost(host.variables);
  const verifier = new Verifier(emulator === undefined ? {} : { keysUrl: `http://${emulator}` });
  const named = splitList(given, "audiences");
  const audience = named.length > 0 ? named : [String(claims["aud"] ?? "")];
  const issuer = given.text("iam-account") ?? String(claims["iss"] ?? "");
  if (/^(https:\/\/)?accounts\.google\.com$/.test(issuer)) await verifier.verifyIdToken(token, { audience, signal });
  else {
    const expected = named.length > 0 ? named : (false as const);
    await verifier.verifyJwt(token, {
      serviceAccount: issuer,
      audience: expected,
      expiry: "exp" in claims ? undefined : false,
      signal,
    });
  }
}

/** `iamcreds auth decode`. */
export const decode: Command = {
  text: `Prints the contents of a token: the header and claims of a JWT, or what Google's tokeninfo endpoint returns for an opaque token. The
token is read from a file or standard input, never from the arguments. --verify checks the signature and expiry of a JWT; with --audiences,
the audience too.`,
  positionals: [{ name: "TOKEN-FILE", isOptional: true, isFile: true }],
  flags: {
    Options: {
      verify: { text: "verify the JWT with the public keys that Google publishes" },
      "iam-account": {
        value: "SA",
        isAccount: true,
        text: "with --verify: the account that must have signed it; default: its iss claim",
      },
      audiences: { value: "A[,A…]", aliases: ["audience"], text: "with --verify: the accepted audiences" },
    },
  },
  run: (given, host) =>
    withCaller(given, host, async ({ call: { signal } }) => {
      const token = await readToken(given.positionals[0] ?? "-", host);
      const jwt = parseJwt(token);
      if (jwt !== undefined) {
        if (given.has("verify")) await verify({ token, claims: jwt.claims }, given, host, signal);
        const isVerified = given.has("verify") ? { verified: true } : {};
        printResult(given, host, {
          json: { ...jwt, ...isVerified },
          isExact: true,
          text: `${JSON.stringify({ ...jwt, ...isVerified }, undefined, 2)}\n`,
        });
        return 0;
      }
      if (given.has("verify"))
        throw new UsageError("--verify: this is not a JWT; an opaque token is valid if tokeninfo knows it");
      const info = await askTokenInfo(token, host, signal);
      if (info === undefined) throw new CommandError("this is not a token, or is no longer valid");
      printResult(given, host, { json: info });
      return 0;
    }),
};
