// SPDX-License-Identifier: Apache-2.0
// What the metadata server of Google machines is made of: a tree of directories and values, the words of its protocol. Knows neither who
// serves it nor who asks. Sources: AIP-4115, Google's documentation.

/** Where everything is. */
export const METADATA_ROOT = "/computeMetadata/v1/";

/** What every answer has in its headers. */
export const METADATA_HEADERS = {
  "metadata-flavor": "Google",
  server: "Metadata Server for VM",
  "x-xss-protection": "0",
  "x-frame-options": "SAMEORIGIN",
} as const;

/** A value that depends on the request, so it is made for each one. It is in no recursive listing. */
export interface Endpoint<Account> {
  /** Which. Required. */
  readonly endpoint: "token" | "identity";
  /** Whose. Required. */
  readonly account: Account;
}

/** An entry: a directory, a value, or an endpoint. */
export type MetadataEntry<Account> =
  | MetadataDirectory<Account>
  | Endpoint<Account>
  | string
  | readonly string[]
  | NumberText
  | JsonText;

/** A number that may be too long for a JavaScript number. */
interface NumberText {
  /** Its digits. Required. */
  readonly digits: string;
}

/** A directory, its entries by name. */
export type MetadataDirectory<Account> = ReadonlyMap<string, MetadataEntry<Account>>;

/** A directory whose entries are named 0, 1 and so on: in JSON it is a list. */
export class MetadataList<Account> extends Map<string, MetadataEntry<Account>> {
  /** @param items what is in it */
  constructor(items: readonly MetadataEntry<Account>[]) {
    super(items.map((item, index) => [String(index), item]));
  }
}

/** A value that is a JSON document, as text, too. */
interface JsonText {
  /** The document. Required. */
  readonly document: unknown;
}

/** Whether an entry is a directory. */
export function isDirectory<Account>(entry: MetadataEntry<Account>): entry is MetadataDirectory<Account> {
  return entry instanceof Map;
}

/** Whether an entry depends on the request. */
export function isEndpoint<Account>(entry: MetadataEntry<Account>): entry is Endpoint<Account> {
  return typeof entry === "object" && "endpoint" in entry;
}

/** Whether an entry is a number. */
export function isNumber(entry: MetadataEntry<unknown>): entry is NumberText {
  return typeof entry === "object" && "digits" in entry;
}

/** Whether an entry is a JSON document. */
export function isJsonText(entry: MetadataEntry<unknown>): entry is JsonText {
  return typeof entry === "object" && "document" in entry;
}

/** The entry at a path and its name; undefined: there is none. */
export function findMetadataEntry<Account>(
  tree: MetadataDirectory<Account>,
  path: string,
): { entry: MetadataEntry<Account>; name: string } | undefined {
  if (!path.startsWith(METADATA_ROOT)) return undefined;
  const names = path.slice(METADATA_ROOT.length).replace(/\/$/, "").split("/");
  let entry: MetadataEntry<Account> = tree;
  if (names[0] === "" && names.length === 1) return { entry, name: "" };
  for (const name of names) {
    const next: MetadataEntry<Account> | undefined = isDirectory(entry) ? entry.get(name) : undefined;
    if (next === undefined) return undefined;
    entry = next;
  }
  return { entry, name: names.at(-1) ?? "" };
}
