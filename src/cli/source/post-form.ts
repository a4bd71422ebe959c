// SPDX-License-Identifier: Apache-2.0
// Posts a form and reads the JSON that comes back, with what loads fastest: loading `fetch` takes as long as a whole call. Follows no
// redirect. Knows no endpoint.

import { request as overHttp } from "node:http";
import type * as Https from "node:https";

/** More than the size of any answer about a token. */
const MAX_LENGTH = 1_000_000;

/** What came back. */
interface FormAnswer {
  /** Whether the status is a success. */
  readonly isOk: boolean;
  /** The body; undefined: not a JSON object. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

function parse(text: string): FormAnswer["document"] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined; // as: it is one
  } catch {
    return undefined;
  }
}

/** Posts a form. @throws why there is no answer; the signal's reason */
export function postForm(
  url: string,
  fields: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<FormAnswer> {
  const isPlain = url.startsWith("http:");
  const send = isPlain ? overHttp : (require("node:https") as typeof Https).request; // its own type
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(signal.aborted ? signal.reason : error);
    const request = send(url, { method: "POST", headers, signal, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (text.length > MAX_LENGTH) request.destroy(new Error("the response is too long"));
      });
      response.once("error", fail);
      response.once("end", () => {
        const { statusCode = 0 } = response;
        resolve({ isOk: statusCode >= 200 && statusCode < 300, document: parse(text) });
      });
    });
    request.once("error", fail);
    request.end(new URLSearchParams(fields).toString());
  });
}
