// SPDX-License-Identifier: Apache-2.0
// What a metadata server of impersonated identities answers: the few entries that credentials need, and tokens. Opens no port.

import type { Clock } from "../../base/clock.js";
import {
  type Endpoint,
  findMetadataEntry,
  isDirectory,
  isEndpoint,
  METADATA_HEADERS,
  METADATA_ROOT,
  type MetadataDirectory,
  type MetadataEntry,
} from "../../metadata-protocol/metadata-entry.js";
import { formatEntry } from "../../metadata-protocol/metadata-format.js";
import { exitCodeOf } from "../host/exit.js";
import { messageOf } from "../host/output.js";
import type { Minter } from "./minter.js";

/** What the metadata server says about accounts, project and universe. */
export interface MetadataIdentity {
  /** The accounts by their names under `service-accounts/`; `default` is one of them. Required. */
  readonly accounts: ReadonlyMap<string, Minter>;
  readonly projectId: string | undefined;
  readonly universeDomain: string;
  readonly clock: Clock;
}

/** An answer over HTTP. */
export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The relevant parts of a request. */
interface Question {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly hasFlavor: boolean;
  readonly signal: AbortSignal;
}

type Tree = MetadataDirectory<Minter>;

function directory(entries: Readonly<Record<string, MetadataEntry<Minter> | undefined>>): Tree {
  return new Map(
    Object.entries(entries).flatMap(([name, entry]) => (entry === undefined ? [] : [[name, entry] as const])),
  );
}

function buildTree({ accounts, projectId, universeDomain }: MetadataIdentity): Tree {
  const entries = [...accounts].map(([name, account]) => {
    const aliases = accounts.get("default") === account ? ["default"] : [];
    const entry = directory({
      aliases,
      email: account.account,
      identity: { endpoint: "identity", account },
      scopes: account.scopes,
      token: { endpoint: "token", account },
    });
    return [name, entry] as const;
  });
  return directory({
    instance: directory({ "service-accounts": new Map(entries) }),
    project: directory({ "project-id": projectId }),
    universe: directory({ "universe-domain": universeDomain }),
  });
}

/** An answer of the metadata server's. */
function answer(code: number, body: string, contentType = "application/text"): Answer {
  return { code, headers: { ...METADATA_HEADERS, "content-type": contentType }, body };
}

const CODES: Readonly<Record<number, number>> = { 4: 401, 5: 403, 6: 503 };

/** Why there is no token: as a code that libraries understand, so that they retry only when that may help. */
export function failureOf(error: unknown): { code: number; message: string } {
  return { code: CODES[exitCodeOf(error)] ?? 500, message: messageOf(error) };
}

async function answerEndpoint(
  { endpoint, account }: Endpoint<Minter>,
  { query, signal }: Question,
  clock: Clock,
): Promise<Answer> {
  try {
    if (endpoint === "token") {
      const scopes = (query.get("scopes") ?? "").split(",").filter((scope) => scope !== "");
      const { value, expiresAt } = await account.accessToken(scopes.length === 0 ? undefined : scopes, signal);
      const expiresIn = Math.max(0, Math.floor((expiresAt - clock.wallNow()) / 1000));
      const document = { access_token: value, expires_in: expiresIn, token_type: "Bearer" };
      return answer(200, JSON.stringify(document), "application/json");
    }
    const audience = query.get("audience") ?? "";
    if (audience === "") return answer(400, "non-empty audience parameter required\n", "text/plain; charset=utf-8");
    return answer(200, (await account.idToken(audience, signal)).value, "text/html");
  } catch (error) {
    const { code, message } = failureOf(error);
    return answer(code, `${message}\n`, "text/plain; charset=utf-8");
  }
}

/** Whether a path belongs to the metadata server. */
export function isMetadataPath(path: string): boolean {
  return (
    path === "/" ||
    path === METADATA_ROOT.slice(0, -1) ||
    path === "/computeMetadata" ||
    path.startsWith("/computeMetadata/")
  );
}

/** Answers a request. */
export async function answerMetadata(identity: MetadataIdentity, question: Question): Promise<Answer> {
  const { method, path, query } = question;
  if (!question.hasFlavor) return answer(403, "Missing Metadata-Flavor:Google header.\n", "text/plain; charset=utf-8");
  // POST asks for a token bound to a certificate; impersonated tokens are never bound.
  const isToken = path.endsWith("/token");
  if (method !== "GET" && method !== "HEAD" && !(method === "POST" && isToken))
    return answer(405, "Method Not Allowed\n");
  if (path === "/") return answer(200, "computeMetadata/\n");
  if (path === "/computeMetadata/") return answer(200, "v1/\n");
  const found = findMetadataEntry(buildTree(identity), path);
  if (found === undefined) return answer(404, "Not Found\n");
  const { entry, name } = found;
  const isSlashed = path.endsWith("/");
  if (isDirectory(entry) && !isSlashed) {
    const search = query.size > 0 ? `?${query}` : "";
    return { ...answer(301, ""), headers: { ...METADATA_HEADERS, location: `${path}/${search}` } };
  }
  if (!isDirectory(entry) && isSlashed) return answer(404, "Not Found\n");
  if (isEndpoint(entry)) return answerEndpoint(entry, question, identity.clock);
  const { code, contentType, body } = formatEntry(entry, name, query);
  return answer(code, body, contentType);
}
