// SPDX-License-Identifier: Apache-2.0
// Loads google-auth-library, when somebody needs it, so that it writes no secret into a log and works in a CommonJS Jest. Knows no
// credentials.

import { readEnvironment, withoutVariable } from "../base/environment.js";

/** What the package exports. */
export type GoogleLibrary = typeof import("google-auth-library");

/** What a transporter does with a request: the library's own way, or another. */
type Adapter = NonNullable<NonNullable<ConstructorParameters<GoogleLibrary["gaxios"]["Gaxios"]>[0]>["adapter"]>;

/** What all clients of the library are made with. */
export interface QuietClientOptions {
  /** Makes the requests. */
  readonly transporter: InstanceType<GoogleLibrary["gaxios"]["Gaxios"]>;
  /** Off: what adds them logs the whole request, with client secrets in base64, and the answer with its token. */
  readonly useAuthRequestParameters: false;
}

let loaded: GoogleLibrary | undefined;

/**
 * The library. It decides as it is loaded whether it logs, and what it logs are requests and answers with their secrets; so it does
 * not get to see the variable that asks for logs. (One that the program has loaded before is as the program wants it.)
 */
export function loadGoogleLibrary(): GoogleLibrary {
  if (loaded !== undefined) return loaded;
  const library = withoutVariable(
    "GOOGLE_SDK_NODE_LOGGING",
    () => require("google-auth-library") as GoogleLibrary, // as: what the package is
  );
  // What it asks the metadata server goes by an instance of gaxios that is its own.
  const { defaults } = library.gaxios.instance;
  defaults.adapter ??= fetchAnywhere;
  defaults.noProxy ??= [new MetadataUrls()];
  loaded = library;
  return library;
}

/** Options with which a client of the library is quiet, and works in a CommonJS Jest. */
export function quietClientOptions(): QuietClientOptions {
  const { Gaxios } = loadGoogleLibrary().gaxios;
  return { transporter: new Gaxios({ adapter: fetchAnywhere }), useAuthRequestParameters: false };
}

/** Makes a client of the library work in a CommonJS Jest where it makes a transporter of its own: for the exchange of tokens. */
export function adaptExchange(client: object): void {
  const exchange: unknown = Reflect.get(client, "stsCredential");
  const transporter: unknown =
    typeof exchange === "object" && exchange !== null ? Reflect.get(exchange, "transporter") : null;
  const defaults: unknown =
    typeof transporter === "object" && transporter !== null ? Reflect.get(transporter, "defaults") : null;
  if (typeof defaults === "object" && defaults !== null) Reflect.set(defaults, "adapter", fetchAnywhere);
}

/**
 * The library's own way, with `fetch` of its own; where it can't load that, with Node's. It loads it by import(), which a CommonJS Jest
 * refuses before anything is sent.
 */
const fetchAnywhere: Adapter = async (options, send) => {
  try {
    return await send(options);
  } catch (error) {
    if (!isImportRefused(error)) throw error;
    return send({ ...options, fetchImplementation: fetch });
  }
};

/** The URLs of the metadata server: no proxy knows the way to this very machine's, and the answer is a token. */
class MetadataUrls extends RegExp {
  constructor() {
    super("^http://");
  }

  override test(url: string): boolean {
    const host = /^http:\/\/([^/?#]+)/.exec(url)?.[1];
    const named = ["GCE_METADATA_HOST", "GCE_METADATA_IP"].map((name) => readEnvironment()[name]);
    return ["169.254.169.254", "metadata.google.internal", "metadata.google.internal.", ...named].includes(host);
  }
}

function isImportRefused(error: unknown): boolean {
  // Not instanceof: the error is of Node's realm, and Jest's code runs in another.
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    error.code === "ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG"
  );
}
