// SPDX-License-Identifier: Apache-2.0
// Loads google-auth-library on demand, in such a way that it logs no secret and works in a CommonJS Jest. Knows no credentials.

import { readEnvironment, withoutVariable } from "../../base/environment.js";
import { ConfigurationError } from "../../base/errors.js";
import { loadDoor } from "../../base/load-door.js";

/** What the package exports. */
export type GoogleLibrary = typeof import("google-auth-library");

/** How a transporter sends a request: the library's own way, or another. */
type Adapter = NonNullable<NonNullable<ConstructorParameters<GoogleLibrary["gaxios"]["Gaxios"]>[0]>["adapter"]>;

/** The options that all clients of the library are made with. */
interface QuietClientOptions {
  /** Makes the requests. */
  readonly transporter: InstanceType<GoogleLibrary["gaxios"]["Gaxios"]>;
  /** Off: the code that adds them logs the whole request, with client secrets in base64, and the answer with its token. */
  readonly useAuthRequestParameters: false;
}

/** The library, and what nobody needs without it. */
interface ProvidedLibrary {
  load(): GoogleLibrary;
  /** See executable-source.ts. */
  adaptExecutable(client: object): void;
}

let provided: ProvidedLibrary | undefined;
let loaded: GoogleLibrary | undefined;

/** Says how the library is loaded: the door `./google-auth-library` does, where a bundler sees it. */
export function provideGoogleLibrary(library: ProvidedLibrary): void {
  provided = library;
}

/**
 * The library. It decides at load time whether to log, and it logs requests and answers with their secrets; so the variable that turns
 * logging on is hidden from it. (A copy that the program has loaded before is left as the program wants it.)
 */
export function loadGoogleLibrary(): GoogleLibrary {
  if (loaded !== undefined) return loaded;
  const library = withoutVariable("GOOGLE_SDK_NODE_LOGGING", () => findGoogleLibrary().load());
  // Its requests to the metadata server go through a gaxios instance of its own.
  const { defaults } = library.gaxios.instance;
  defaults.adapter ??= fetchAnywhere;
  defaults.noProxy ??= [new MetadataUrls()];
  loaded = library;
  return library;
}

/** A bundler cannot see this require, so a program pays for the library only if it imports the door. */
function findGoogleLibrary(): ProvidedLibrary {
  if (provided === undefined) loadDoor("google-auth-library");
  if (provided !== undefined) return provided;
  throw new ConfigurationError(
    "these credentials need google-auth-library, which is not part of this bundle; the program must import " +
      "iam-credentials-client/google-auth-library first",
  );
}

/** Options with which a client of the library is quiet, and works in a CommonJS Jest. */
export function quietClientOptions(): QuietClientOptions {
  const { Gaxios } = loadGoogleLibrary().gaxios;
  return { transporter: new Gaxios({ adapter: fetchAnywhere }), useAuthRequestParameters: false };
}

/** Has a client of the library run its program our way, if it has one. A client without the library has none. */
export function adaptExecutable(client: object): void {
  provided?.adaptExecutable(client);
}

/** Makes a client of the library work in a CommonJS Jest where it creates its own transporter: for the token exchange. */
export function adaptExchange(client: object): void {
  const exchange: unknown = Reflect.get(client, "stsCredential");
  const transporter: unknown =
    typeof exchange === "object" && exchange !== null ? Reflect.get(exchange, "transporter") : null;
  const defaults: unknown =
    typeof transporter === "object" && transporter !== null ? Reflect.get(transporter, "defaults") : null;
  if (typeof defaults === "object" && defaults !== null) Reflect.set(defaults, "adapter", fetchAnywhere);
}

/**
 * The library's own way, with its own `fetch`; where it cannot load that, with Node's. It loads its own with import(), which a CommonJS
 * Jest refuses before anything is sent.
 */
const fetchAnywhere: Adapter = async (options, send) => {
  try {
    return await send(options);
  } catch (error) {
    if (!isImportRefused(error)) throw error;
    return send({ ...options, fetchImplementation: fetch });
  }
};

/** The URLs of the metadata server: no proxy can reach this machine's own, and the answer is a token. */
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
  // Not instanceof: the error is from Node's realm, and Jest's code runs in another.
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    error.code === "ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG"
  );
}
