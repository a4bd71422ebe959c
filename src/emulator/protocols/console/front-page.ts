// SPDX-License-Identifier: Apache-2.0
// What a browser finds at the root of the emulator's port. Reveals nothing of the emulator's state.

import { httpOperation, identifyNobody, type OutgoingAnswer } from "../http/http-operation.js";
import { httpStatusOf } from "../http/http-status.js";
import type { OperationRow } from "../http/operation-table.js";
import { pageAnswer } from "../http/page.js";

const PAGE = `<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>IAM emulator</title>
  <h1>IAM emulator</h1>
  <p>An emulator of Google's IAM and IAM Service Account Credentials APIs, of the OAuth endpoints, the public keys and the
  metadata server that belong to them. Nothing here is Google's.
  <ul>
    <li><code>/v1/</code>: the REST API; gRPC is at the same port
    <li><code>/token</code>, <code>/v1/token</code>, <code>/tokeninfo</code>: OAuth
    <li><code>/service_accounts/v1/</code>, <code>/oauth2/v3/certs</code>: public keys
    <li><code>/computeMetadata/v1/</code>: the metadata server
    <li><code>/emulator/v1/calls</code>, <code>/emulator/v1/state</code>: the log of calls, and the state
  </ul>
`;

/** The front page. Programs looking for a metadata server request the root, too, and recognize one by its header. */
export const frontPage: OutgoingAnswer = {
  code: 200,
  contentType: "text/html; charset=UTF-8",
  body: PAGE,
  headers: { "metadata-flavor": "Google", "cache-control": "no-store" },
};

/** The page at the root. */
export const frontPageRow: OperationRow = [
  "GET|HEAD",
  "/",
  httpOperation({
    name: "emulator.frontPage",
    service: "emulator",
    isControl: true,
    identify: identifyNobody,
    run: async () => frontPage,
    refuse: (refusal) => pageAnswer(httpStatusOf(refusal), refusal.status, refusal.message),
  }),
];
