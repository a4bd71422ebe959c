// SPDX-License-Identifier: Apache-2.0
// The public keys at the paths where Google has them: those of service accounts, and those that sign ID tokens. Makes no key.

import { formatPublishedKeys, type KeyForm } from "../../world/keys/key-pair.js";
import type { KeyRing } from "../../world/keys/key-ring.js";
import type { World } from "../../world/world.js";
import {
  type HttpOperation,
  httpOperation,
  identifyNobody,
  jsonAnswer,
  type OutgoingAnswer,
} from "../http/http-operation.js";
import { httpStatusOf } from "../http/http-status.js";
import type { OperationRow } from "../http/operation-table.js";
import { notFoundPage, pageAnswer } from "../http/page.js";

const MAX_AGE_SECONDS = 900; // verifiers are told to refresh keys every 15 minutes
const HEADERS = { "cache-control": `public, max-age=${MAX_AGE_SECONDS}, must-revalidate, no-transform` };

async function publish(ring: KeyRing, form: KeyForm): Promise<OutgoingAnswer> {
  const answer = jsonAnswer(200, formatPublishedKeys(form, await ring.publishedKeys()), HEADERS);
  return { ...answer, contentType: "application/json; charset=UTF-8" };
}

/** The paths of public keys. */
export function publicKeyRows({ accounts, googleKeys }: Pick<World, "accounts" | "googleKeys">): OperationRow[] {
  const operation = (name: string, run: HttpOperation["run"]) =>
    httpOperation({
      name,
      service: "www.googleapis.com",
      identify: identifyNobody,
      run,
      refuse: (refusal) => pageAnswer(httpStatusOf(refusal), refusal.status, refusal.message),
    });
  const ofAccount = (form: KeyForm) =>
    operation("serviceAccounts.certs", async ({ path, variables }) => {
      const ring = accounts.find(variables.get("email") ?? "")?.keys;
      return ring === undefined ? notFoundPage(path) : publish(ring, form);
    });
  const ofGoogle = (form: KeyForm) => operation("oauth2.certs", () => publish(googleKeys, form));
  const x509 = ofAccount("x509");
  const jwk = ofAccount("jwk");
  return [
    ["GET|HEAD", "/service_accounts/v1/metadata/x509/{email=*}", x509],
    ["GET|HEAD", "/service_accounts/v1/metadata/raw/{email=*}", ofAccount("raw")],
    ["GET|HEAD", "/service_accounts/v1/metadata/jwk/{email=*}", jwk],
    // The first is in Firebase's documentation, the second in key files, and the third is its sibling.
    ["GET|HEAD", "/service_accounts/v1/jwk/{email=*}", jwk],
    ["GET|HEAD", "/robot/v1/metadata/x509/{email=*}", x509],
    ["GET|HEAD", "/robot/v1/metadata/jwk/{email=*}", jwk],
    ["GET|HEAD", "/oauth2/v3/certs", ofGoogle("jwk")],
    ["GET|HEAD", "/oauth2/v2/certs", ofGoogle("jwk")],
    ["GET|HEAD", "/oauth2/v1/certs", ofGoogle("x509")],
  ];
}
