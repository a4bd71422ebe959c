// SPDX-License-Identifier: Apache-2.0
// `iamcreds iam service-accounts sign-url`: signed URLs of Cloud Storage, as `gcloud storage sign-url` makes them.

import type * as FrontDoor from "../../../../index.js";
import { UsageError } from "../../../host/output.js";
import { printList, printResult } from "../../../print/result.js";
import { requireSigner, splitList, withCaller } from "../../../source/caller.js";
import type { Command, Given } from "../../../table/command.js";
import { iamAccount } from "../../../table/common-flags.js";
import { parseSeconds } from "../../../table/flags.js";

/** A signed URL's properties, under gcloud's names. */
interface SignedUrl {
  readonly expiration: Date;
  readonly http_verb: string;
  readonly resource: string;
  readonly signed_url: string;
}

function parseResource(resource: string): { bucket: string; object?: string } {
  const [, bucket = "", object = ""] = /^gs:\/\/([^/]+)(?:\/(.*))?$/s.exec(resource) ?? [];
  if (bucket === "") throw new UsageError(`URL must be gs://BUCKET/OBJECT, not ${JSON.stringify(resource)}`);
  return object === "" ? { bucket } : { bucket, object };
}

function readPairs(given: Given, flag: string): Record<string, string> {
  return Object.fromEntries(
    splitList(given, flag).map((text) => {
      const end = text.indexOf("=");
      if (end <= 0) throw new UsageError(`--${flag} must be NAME=VALUE[,NAME=VALUE…], not ${JSON.stringify(text)}`);
      return [text.slice(0, end), text.slice(end + 1)];
    }),
  );
}

/** `iamcreds iam service-accounts sign-url`. */
export const signUrl: Command = {
  text: `Creates signed URLs (V4) for objects in Cloud Storage, signed with a Google-managed key of a service account. Anyone who has such a
URL can use it until it expires. Equivalent to \`gcloud storage sign-url\`.`,
  positionals: [{ name: "URL", isList: true }],
  flags: {
    Options: {
      ...iamAccount,
      duration: { value: "duration", text: "how long the URL is valid, 7d at most; default: 1h" },
      "http-verb": { value: "verb", text: "HTTP method of the request; default: GET" },
      headers: { value: "N=V[,N=V…]", isList: true, text: "headers that the request must have" },
      "query-params": { value: "N=V[,N=V…]", isList: true, text: "query parameters of the request" },
    },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const { target, as } = requireSigner(given);
      const { Signer } = require("../../../../index.js") as typeof FrontDoor; // its own type
      const client = caller.credentialsClient(caller.optionsAs(as));
      const signer = new Signer({ client, serviceAccount: target.account, delegates: target.delegates });
      const expiresIn = parseSeconds(given.text("duration") ?? "1h", "--duration") / 1000;
      const method = given.text("http-verb") ?? "GET";
      const [headers, query] = [readPairs(given, "headers"), readPairs(given, "query-params")];
      const urls: SignedUrl[] = [];
      for (const resource of given.positionals) {
        const { signal } = caller.call;
        const url = await signer.signedUrl({ ...parseResource(resource), expiresIn, method, headers, query, signal });
        const expiration = new Date(host.clock.wallNow() + expiresIn * 1000);
        urls.push({ expiration, http_verb: method, resource, signed_url: url });
      }
      const text = urls.map(({ signed_url: url }) => `${url}\n`).join("");
      if (given.text("format") === undefined || given.text("format") === "text")
        printResult(given, host, { json: urls, text });
      else await printList(given, host, urls, []);
      return 0;
    }),
};
