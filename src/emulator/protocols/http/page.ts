// SPDX-License-Identifier: Apache-2.0
// Google's error pages. Does not know what went wrong.

import type { OutgoingAnswer } from "./http-operation.js";

const htmlEscapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** One of Google's error pages. The text may come from the request: it is escaped. */
export function pageAnswer(code: number, title: string, text: string): OutgoingAnswer {
  const escaped = text.replace(/[&<>"]/g, (character) => htmlEscapes[character] ?? "");
  const body = `<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error ${code} (${title})!!1</title>
  <p><b>${code}.</b> <ins>That’s an error.</ins>
  <p>${escaped}  <ins>That’s all we know.</ins>
`;
  return { code, contentType: "text/html; charset=UTF-8", body, headers: { "referrer-policy": "no-referrer" } };
}

/** The page for an unknown path. The query is not repeated: it may contain a key. */
export function notFoundPage(path: string): OutgoingAnswer {
  return pageAnswer(404, "Not Found", `The requested URL ${path} was not found on this server.`);
}

/** The page for a method that a path does not have. */
export function methodNotAllowedPage(method: string): OutgoingAnswer {
  return pageAnswer(405, "Method Not Allowed", `The request method ${method} is inappropriate for the URL.`);
}

/** The page for a request that is too long. */
export function tooLargePage(): OutgoingAnswer {
  return pageAnswer(413, "Request Entity Too Large", "Your client issued a request that was too large.");
}
