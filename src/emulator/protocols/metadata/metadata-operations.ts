// SPDX-License-Identifier: Apache-2.0
// The metadata server of a machine on the emulator's one port: which requests it takes and what it answers. Sources: AIP-4115,
// Google's documentation, and what clients insist on.

import { createHash } from "node:crypto";
import {
  type Endpoint,
  findMetadataEntry,
  isDirectory,
  isEndpoint,
  METADATA_HEADERS,
  type MetadataEntry,
} from "../../../metadata-protocol/metadata-entry.js";
import { formatEntry } from "../../../metadata-protocol/metadata-format.js";
import { memberOf, type ServiceAccount } from "../../world/accounts/account-book.js";
import { waitFor } from "../../world/runtime/wait-for.js";
import { thumbprintFrom, thumbprintOf } from "../../world/tokens/token-binding.js";
import { httpOperation, type IncomingRequest, type OutgoingAnswer } from "../http/http-operation.js";
import { httpStatusOf } from "../http/http-status.js";
import type { OperationRow } from "../http/operation-table.js";
import { notFoundPage, pageAnswer } from "../http/page.js";
import { issueIdentity, issueMachineToken } from "./metadata-tokens.js";
import { type MetadataWorld, openMetadataTree } from "./metadata-tree.js";

const POLL_MS = 50;

/** A machine's metadata. */
interface Metadata {
  readonly world: MetadataWorld;
  /** What there is now. */
  readonly tree: ReturnType<typeof openMetadataTree>;
}

function textAnswer(code: number, contentType: string, body: string): OutgoingAnswer {
  const etag = createHash("sha256").update(body).digest("hex").slice(0, 16);
  return { code, contentType, body, headers: { etag } };
}

// The directories above the tree.
function answerAbove(path: string): OutgoingAnswer | undefined {
  if (path === "/") return textAnswer(200, "application/text", "computeMetadata/\n");
  if (path === "/computeMetadata/") return textAnswer(200, "application/text", "v1/\n");
  return path === "/computeMetadata" || path === "/computeMetadata/v1" ? moved(path, "") : undefined;
}

function moved(path: string, search: string): OutgoingAnswer {
  const location = `${encodeURI(path)}/${search}`;
  const answer = pageAnswer(301, "Moved Permanently", "The document has moved.");
  return { ...answer, headers: { ...answer.headers, location } };
}

// What to bind a token to: the posted certificate, or the digest that older libraries send.
function readBinding({ method, query, body }: IncomingRequest): string | undefined {
  if (method !== "POST") {
    const digest = query.get("bindCertificateFingerprint");
    return digest === null ? undefined : (thumbprintFrom(digest) ?? "unreadable");
  }
  try {
    const { certificate_chain: chain } = Object(JSON.parse(body.toString("utf8")));
    return (typeof chain === "string" ? thumbprintOf(chain) : undefined) ?? "unreadable";
  } catch {
    return "unreadable";
  }
}

async function answerEndpoint(
  world: MetadataWorld,
  { endpoint, account }: Endpoint<ServiceAccount>,
  request: IncomingRequest,
): Promise<OutgoingAnswer> {
  const { query } = request;
  const binding = readBinding(request);
  if (binding === "unreadable") {
    return textAnswer(400, "text/plain; charset=utf-8", "a certificate_chain in PEM is required\n");
  }
  if (endpoint === "token") {
    const { accessToken, expiresAt } = issueMachineToken(world, account, query.get("scopes"), binding);
    const expiresIn = Math.max(0, Math.ceil((expiresAt - world.now()) / 1000) - 1);
    const document = { access_token: accessToken, expires_in: expiresIn, token_type: "Bearer" };
    return { code: 200, contentType: "application/json", body: JSON.stringify(document) };
  }
  const audience = query.get("audience") ?? "";
  if (audience === "") {
    return textAnswer(400, "text/plain; charset=utf-8", "non-empty audience parameter required\n");
  }
  const hasLicenses = query.get("licenses")?.toUpperCase() === "TRUE";
  const isFull = query.get("format") === "full";
  const body = await issueIdentity(world, account, { audience, isFull, hasLicenses, boundTo: binding });
  return { code: 200, contentType: "text/html", body };
}

function answerEntry(
  entry: Exclude<MetadataEntry<ServiceAccount>, Endpoint<ServiceAccount>>,
  name: string,
  query: URLSearchParams,
): OutgoingAnswer {
  const { code, contentType, body } = formatEntry(entry, name, query);
  return textAnswer(code, contentType, body);
}

async function answerPath({ world, tree }: Metadata, request: IncomingRequest): Promise<OutgoingAnswer> {
  const { path, query } = request;
  const above = answerAbove(path);
  if (above !== undefined) return above;
  const found = findMetadataEntry(tree(), path);
  const isSlashed = path.endsWith("/");
  if (found === undefined) return notFoundPage(path);
  const { entry, name } = found;
  if (isDirectory(entry) ? !isSlashed : isSlashed) {
    const search = query.size > 0 ? `?${query}` : "";
    return isDirectory(entry) ? moved(path, search) : notFoundPage(path);
  }
  return isEndpoint(entry) ? answerEndpoint(world, entry, request) : answerEntry(entry, name, query);
}

// wait_for_change delays the answer until it differs from last_etag, or from its current value.
async function answerInTime(metadata: Metadata, request: IncomingRequest): Promise<OutgoingAnswer> {
  const { work } = metadata.world;
  const first = await answerPath(metadata, request);
  if (request.query.get("wait_for_change")?.toLowerCase() !== "true" || first.code !== 200) return first;
  const etag = request.query.get("last_etag") ?? first.headers?.["etag"];
  const timeoutSeconds = Number(request.query.get("timeout_sec") ?? Number.NaN);
  const limitMs = Number.isFinite(timeoutSeconds) ? Math.max(0, timeoutSeconds) * 1000 : Number.POSITIVE_INFINITY;
  let answer = first;
  for (let waitedMs = 0; answer.headers?.["etag"] === etag && waitedMs < limitMs; waitedMs += POLL_MS) {
    await waitFor(POLL_MS, request.abandoned, work.closing);
    if (request.abandoned.aborted || work.closing.aborted) break;
    answer = await answerPath(metadata, request);
  }
  return answer;
}

// The root answers anyone: its header tells programs that they are on a Google machine.
function refuseEarly({ path, headers }: IncomingRequest): OutgoingAnswer | undefined {
  const forbidden = (text: string) =>
    pageAnswer(403, "Forbidden", `Your client does not have permission to get this URL from this server. ${text}`);
  // Refusing forwarded requests is from memory: it keeps proxies from leaking a machine's tokens.
  if (headers["x-forwarded-for"] !== undefined) return forbidden("Requests with X-Forwarded-For are not served.");
  return path === "/" || headers["metadata-flavor"] === "Google"
    ? undefined
    : forbidden("Missing Metadata-Flavor:Google header.");
}

/** The paths of the metadata server. */
export function metadataRows(world: MetadataWorld): OperationRow[] {
  const metadata = { world, tree: openMetadataTree(world) };
  const row = (path: string, name: string, methods = "GET|HEAD"): OperationRow => {
    const operation = httpOperation({
      name,
      service: "metadata.google.internal",
      headers: METADATA_HEADERS,
      async identify(request, notes) {
        const early = refuseEarly(request);
        const entry = early === undefined ? findMetadataEntry(metadata.tree(), request.path)?.entry : undefined;
        if (entry === undefined || !isEndpoint(entry)) return early;
        notes.principal = memberOf(entry.account);
        notes.serviceAccount = entry.account.email;
        return early;
      },
      run: async (request, early) => early ?? answerInTime(metadata, request),
      refuse: (refusal) => textAnswer(httpStatusOf(refusal), "text/plain; charset=utf-8", `${refusal.message}\n`),
    });
    return [methods, path, operation];
  };
  return [
    row("/computeMetadata/v1/instance/service-accounts/{account=*}/token", "metadata.token", "GET|HEAD|POST"),
    row("/computeMetadata/v1/instance/service-accounts/{account=*}/identity", "metadata.identity", "GET|HEAD|POST"),
    row("/computeMetadata", "metadata.get"),
    row("/computeMetadata/{entry=**}", "metadata.get"),
    row("/", "metadata.get"),
  ];
}
