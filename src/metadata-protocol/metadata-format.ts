// SPDX-License-Identifier: Apache-2.0
// Decides how entries of the metadata server look: as text, as JSON, alone or with all below them. Answers no request.

import {
  type Endpoint,
  isDirectory,
  isEndpoint,
  isJsonText,
  isNumber,
  type MetadataDirectory,
  type MetadataEntry,
  MetadataList,
} from "./metadata-entry.js";

// Keys of accounts, attributes and disks are data, not names: they stay as they are.
const dataDirectories = new Set(["attributes", "guest-attributes", "partner-attributes", "service-accounts"]);

function toCamelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

// Written by hand, since numbers may be longer than JavaScript's.
function formatJson(entry: MetadataEntry<unknown>, keepsNames: boolean): string {
  if (isNumber(entry)) return entry.digits;
  if (isJsonText(entry)) return JSON.stringify(entry.document);
  if (!isDirectory(entry)) return JSON.stringify(entry);
  if (entry instanceof MetadataList) return `[${[...entry.values()].map((each) => formatJson(each, false)).join(",")}]`;
  const members = [...entry].flatMap(([name, each]) => {
    if (isEndpoint(each)) return [];
    const key = keepsNames ? name : toCamelCase(name);
    return [`${JSON.stringify(key)}:${formatJson(each, dataDirectories.has(name))}`];
  });
  return `{${members.join(",")}}`;
}

/** An entry as JSON, with all below it; tokens are left out. */
function formatMetadataJson(entry: MetadataEntry<unknown>, name: string): string {
  return formatJson(entry, dataDirectories.has(name));
}

/** A value as text: one line, or one per item. */
function formatMetadataText(entry: Exclude<MetadataEntry<unknown>, MetadataDirectory<unknown>>): string {
  if (isEndpoint(entry)) return "";
  if (isNumber(entry)) return entry.digits;
  if (isJsonText(entry)) return JSON.stringify(entry.document);
  return typeof entry === "string" ? entry : entry.map((item) => `${item}\n`).join("");
}

/** A directory as a listing: a name per line, those of directories with a slash. */
function formatListing(entries: MetadataDirectory<unknown>): string {
  return [...entries]
    .map(([name, entry]) => `${name}${isDirectory(entry) ? "/" : ""}\n`)
    .sort()
    .join("");
}

/** A directory as text with all below it: a path and its value per line; tokens are left out. */
function formatRecursiveText(entries: MetadataDirectory<unknown>, prefix = ""): string {
  return [...entries]
    .map(([name, entry]) => {
      if (isDirectory(entry)) return formatRecursiveText(entry, `${prefix}${name}/`);
      if (isEndpoint(entry)) return "";
      if (Array.isArray(entry)) return entry.map((item) => `${prefix}${name} ${item}\n`).join("");
      return `${prefix}${name} ${formatMetadataText(entry)}\n`;
    })
    .join("");
}

/** The answer for an entry. */
interface FormattedEntry {
  readonly code: number;
  readonly contentType: string;
  readonly body: string;
}

/** An entry, in the form that the query asks for by `alt` and `recursive`. */
export function formatEntry<Account>(
  entry: Exclude<MetadataEntry<Account>, Endpoint<Account>>,
  name: string,
  query: URLSearchParams,
): FormattedEntry {
  const answer = (contentType: string, body: string, code = 200) => ({ code, contentType, body });
  const alt = query.get("alt");
  const isRecursive = query.get("recursive")?.toLowerCase() === "true";
  if (alt !== null && alt !== "json" && alt !== "text") {
    return answer("text/plain; charset=utf-8", "The alt parameter must be json or text.\n", 400);
  }
  if (isDirectory(entry) && isRecursive) {
    return alt === "text"
      ? answer("application/text", formatRecursiveText(entry))
      : answer("application/json", formatMetadataJson(entry, name));
  }
  if (isDirectory(entry)) {
    const listing = formatListing(entry);
    return alt === "json"
      ? answer("application/json", JSON.stringify(listing.trim().split("\n")))
      : answer("application/text", listing);
  }
  const isDocument = name === "auto-mtls-configuration"; // a document of its own
  if (alt === "json" && !isDocument) return answer("application/json", formatMetadataJson(entry, name));
  return answer(isDocument || isJsonText(entry) ? "application/json" : "application/text", formatMetadataText(entry));
}
