// SPDX-License-Identifier: Apache-2.0
// Serves the console: its page at the root and at each of its paths, and its files. Reveals nothing of the emulator's state.

import {
  headerOf,
  httpOperation,
  type IncomingRequest,
  identifyNobody,
  type OutgoingAnswer,
} from "../http/http-operation.js";
import { httpStatusOf } from "../http/http-status.js";
import type { OperationRow } from "../http/operation-table.js";
import { notFoundPage, pageAnswer } from "../http/page.js";
import { type ConsoleFile, readConsoleFiles } from "./console-files.js";
import { frontPage } from "./front-page.js";

// Nothing is loaded from elsewhere, no script is inline, and no other page may frame it.
const POLICY = [
  "default-src 'none'",
  ...["script-src", "style-src", "connect-src"].map((directive) => `${directive} 'self'`),
  "img-src 'self' data:",
  ...["base-uri", "form-action", "frame-ancestors"].map((directive) => `${directive} 'none'`),
].join("; ");
const headers = { "content-security-policy": POLICY, "referrer-policy": "no-referrer" };
const INDEX = "index.html";

function answerWith({ contentType, body, etag }: ConsoleFile, request: IncomingRequest): OutgoingAnswer {
  const isKnown =
    headerOf(request, "if-none-match")
      ?.split(/\s*,\s*/)
      .includes(etag) === true;
  const more = { etag, "cache-control": "no-cache" };
  return isKnown
    ? { code: 304, contentType, body: "", headers: more }
    : { code: 200, contentType, body, headers: more };
}

/** The console, whose page replaces the front page. */
export function consoleRows(): OperationRow[] {
  let files: Promise<ReadonlyMap<string, ConsoleFile>> | undefined;
  const serve = (
    name: string,
    path: string,
    run: (files: ReadonlyMap<string, ConsoleFile>, request: IncomingRequest) => OutgoingAnswer,
  ) =>
    [
      "GET|HEAD",
      path,
      httpOperation({
        name: `emulator.${name}`,
        service: "emulator",
        isControl: true,
        headers,
        identify: identifyNobody,
        async run(request) {
          files ??= readConsoleFiles(); // not before the first visit
          return run(await files, request);
        },
        refuse: (refusal) => pageAnswer(httpStatusOf(refusal), refusal.status, refusal.message),
      }),
    ] as const;
  const page = (found: ReadonlyMap<string, ConsoleFile>, request: IncomingRequest): OutgoingAnswer => {
    const index = found.get(INDEX);
    return index === undefined ? frontPage : answerWith(index, request);
  };
  return [
    // Programs looking for a metadata server request the root, too, and recognize one by its header.
    serve("console", "/", (found, request) => {
      const answer = page(found, request);
      return { ...answer, headers: { ...answer.headers, "metadata-flavor": "Google" } };
    }),
    serve("consoleFile", "/console/files/{name=**}", (found, request) => {
      const file = found.get(request.variables.get("name") ?? "");
      return file === undefined ? notFoundPage(request.path) : answerWith(file, request);
    }),
    serve("console", "/console", page),
    serve("console", "/console/{path=**}", page),
  ];
}
