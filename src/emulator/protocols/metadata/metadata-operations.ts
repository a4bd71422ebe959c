// SPDX-License-Identifier: Apache-2.0
// The metadata server of a machine on the emulator's one port: which requests it takes and what it answers. Sources: AIP-4115,
// Google's documentation, and what clients insist on.

import { createHash } from "node:crypto";
import { memberOfAccount } from "../../world/policy/permissions.js";
import { waitFor } from "../../world/runtime/wait-for.js";
import type { EmulatorState } from "../../world/world.js";
import { type HttpAnswer, type HttpOperation, type HttpRequest, pageAnswer } from "../http/exchange.js";
import { formatListing, formatMetadataJson, formatMetadataText, formatRecursiveText } from "./metadata-format.js";
import { issueIdentity, issueMachineToken } from "./metadata-tokens.js";
import { buildMetadataTree, type Endpoint, isDirectory, isEndpoint, type MetadataEntry } from "./metadata-tree.js";

const ROOT = "/computeMetadata/v1/";
const POLL_MS = 50;
const SERVER_HEADERS = {
  "metadata-flavor": "Google",
  server: "Metadata Server for VM",
  "x-xss-protection": "0",
  "x-frame-options": "SAMEORIGIN",
} as const;

function textAnswer(code: number, contentType: string, body: string): HttpAnswer {
  const etag = createHash("sha256").update(body).digest("hex").slice(0, 16);
  return { code, contentType, body, headers: { etag } };
}

function notFound(path: string): HttpAnswer {
  return pageAnswer(404, "Not Found", `The requested URL ${path} was not found on this server.`);
}

// Everything above the tree.
function answerAbove(path: string): HttpAnswer | undefined {
  if (path === "/") return textAnswer(200, "application/text", "computeMetadata/\n");
  if (path === "/computeMetadata/") return textAnswer(200, "application/text", "v1/\n");
  return path === "/computeMetadata" || path === "/computeMetadata/v1" ? moved(path, "") : undefined;
}

function moved(path: string, search: string): HttpAnswer {
  const location = `${encodeURI(path)}/${search}`;
  const answer = pageAnswer(301, "Moved Permanently", "The document has moved.");
  return { ...answer, headers: { ...answer.headers, location } };
}

function findEntry(state: EmulatorState, path: string): { entry: MetadataEntry; name: string } | undefined {
  if (!path.startsWith(ROOT)) return undefined;
  const names = path.slice(ROOT.length).replace(/\/$/, "").split("/");
  let entry: MetadataEntry = buildMetadataTree(state);
  if (names[0] === "" && names.length === 1) return { entry, name: "" };
  for (const name of names) {
    const next: MetadataEntry | undefined = isDirectory(entry) ? entry.get(name) : undefined;
    if (next === undefined) return undefined;
    entry = next;
  }
  return { entry, name: names.at(-1) ?? "" };
}

async function answerEndpoint(
  state: EmulatorState,
  { endpoint, account }: Endpoint,
  query: URLSearchParams,
): Promise<HttpAnswer> {
  const whose = { principal: memberOfAccount(account), serviceAccount: account.email };
  if (endpoint === "token") {
    const { accessToken, expiresAt } = issueMachineToken(state, account, query.get("scopes"));
    const expiresIn = Math.max(0, Math.ceil((expiresAt - state.now()) / 1000) - 1);
    const document = { access_token: accessToken, expires_in: expiresIn, token_type: "Bearer" };
    return { code: 200, contentType: "application/json", body: JSON.stringify(document), ...whose };
  }
  const audience = query.get("audience") ?? "";
  if (audience === "") {
    return { ...textAnswer(400, "text/plain; charset=utf-8", "non-empty audience parameter required\n"), ...whose };
  }
  const hasLicenses = query.get("licenses")?.toUpperCase() === "TRUE";
  const body = await issueIdentity(state, account, audience, query.get("format") === "full", hasLicenses);
  return { code: 200, contentType: "text/html", body, ...whose };
}

function answerEntry(entry: Exclude<MetadataEntry, Endpoint>, name: string, query: URLSearchParams): HttpAnswer {
  const alt = query.get("alt");
  const isRecursive = query.get("recursive")?.toLowerCase() === "true";
  if (alt !== null && alt !== "json" && alt !== "text") {
    return textAnswer(400, "text/plain; charset=utf-8", "The alt parameter must be json or text.\n");
  }
  if (isDirectory(entry) && isRecursive) {
    return alt === "text"
      ? textAnswer(200, "application/text", formatRecursiveText(entry))
      : textAnswer(200, "application/json", formatMetadataJson(entry, name));
  }
  if (isDirectory(entry)) {
    if (alt === "json")
      return textAnswer(200, "application/json", JSON.stringify(formatListing(entry).trim().split("\n")));
    return textAnswer(200, "application/text", formatListing(entry));
  }
  const isJsonText = name === "auto-mtls-configuration"; // a document of its own
  if (alt === "json" && !isJsonText) return textAnswer(200, "application/json", formatMetadataJson(entry, name));
  const body = formatMetadataText(entry);
  return textAnswer(200, isJsonText ? "application/json" : "application/text", body);
}

async function answerPath(state: EmulatorState, request: HttpRequest): Promise<HttpAnswer> {
  const { path, query } = request;
  const above = answerAbove(path);
  if (above !== undefined) return above;
  const found = findEntry(state, path);
  const isSlashed = path.endsWith("/");
  if (found === undefined) return notFound(path);
  const { entry, name } = found;
  if (isDirectory(entry) ? !isSlashed : isSlashed) {
    const search = query.size > 0 ? `?${query}` : "";
    return isDirectory(entry) ? moved(path, search) : notFound(path);
  }
  return isEndpoint(entry) ? answerEndpoint(state, entry, query) : answerEntry(entry, name, query);
}

// wait_for_change holds the answer until it differs from last_etag, or from what it is now.
async function answerInTime(state: EmulatorState, request: HttpRequest): Promise<HttpAnswer> {
  const first = await answerPath(state, request);
  if (request.query.get("wait_for_change")?.toLowerCase() !== "true" || first.code !== 200) return first;
  const etag = request.query.get("last_etag") ?? first.headers?.["etag"];
  const timeoutSeconds = Number(request.query.get("timeout_sec") ?? Number.NaN);
  const limitMs = Number.isFinite(timeoutSeconds) ? Math.max(0, timeoutSeconds) * 1000 : Number.POSITIVE_INFINITY;
  let answer = first;
  for (let waitedMs = 0; answer.headers?.["etag"] === etag && waitedMs < limitMs; waitedMs += POLL_MS) {
    await waitFor(POLL_MS, request.abandoned, state.closing);
    if (request.abandoned.aborted || state.closing.aborted) break;
    answer = await answerPath(state, request);
  }
  return answer;
}

function refuseEarly({ method, headers }: HttpRequest): HttpAnswer | undefined {
  if (method !== "GET" && method !== "HEAD") {
    return pageAnswer(405, "Method Not Allowed", `The request method ${method} is inappropriate for the URL.`);
  }
  const forbidden = (text: string) =>
    pageAnswer(403, "Forbidden", `Your client does not have permission to get this URL from this server. ${text}`);
  // That a forwarded request is refused is from memory: it keeps proxies from giving a machine's tokens away.
  if (headers["x-forwarded-for"] !== undefined) return forbidden("Requests with X-Forwarded-For are not served.");
  return headers["metadata-flavor"] === "Google" ? undefined : forbidden("Missing Metadata-Flavor:Google header.");
}

function nameOf(path: string): string {
  if (path.endsWith("/token")) return "metadata.token";
  return path.endsWith("/identity") ? "metadata.identity" : "metadata.get";
}

/**
 * The operation of the metadata server at a path; undefined when the path is none of its.
 *
 * @param isMetadataRequest whether the request has its header: only then is the root its
 */
export function findMetadataOperation(
  state: EmulatorState,
  path: string,
  isMetadataRequest: boolean,
): HttpOperation | undefined {
  const isOwn =
    path === "/computeMetadata" || path.startsWith("/computeMetadata/") || (path === "/" && isMetadataRequest);
  if (!isOwn) return undefined;
  const withHeaders = (answer: HttpAnswer): HttpAnswer => ({
    ...answer,
    headers: { ...answer.headers, ...SERVER_HEADERS },
  });
  return {
    name: nameOf(path),
    service: "metadata.google.internal",
    refuse: (code, _status, message) => withHeaders(textAnswer(code, "text/plain; charset=utf-8", `${message}\n`)),
    run: async (request) => withHeaders(refuseEarly(request) ?? (await answerInTime(state, request))),
  };
}
