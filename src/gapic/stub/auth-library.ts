// SPDX-License-Identifier: Apache-2.0
// What callers of the drop-in see of google-auth-library. The one file here that names the library.

import type { GoogleAuth, GoogleAuthOptions } from "google-auth-library";
import { adaptExecutable } from "../../auth/google-library/executable-source.js";
import {
  type GoogleLibrary,
  loadGoogleLibrary,
  provideGoogleLibrary,
} from "../../auth/google-library/google-library.js";

// Whatever is more than a service-account key is the library's, in a bundle too.
provideGoogleLibrary({
  load: () => require("google-auth-library") as GoogleLibrary, // as: what the package is
  adaptExecutable: (client) => adaptExecutable(client), // loaded with the library, at the first such client
});

export type { AuthClient, GoogleAuth, GoogleAuthOptions, JWTInput } from "google-auth-library";

/** A `GoogleAuth` with these options. @throws what the library throws when they contradict each other */
export function newGoogleAuth(options: GoogleAuthOptions): GoogleAuth {
  return hideWhenPrinted(new (loadGoogleLibrary().GoogleAuth)(options));
}

/** The contents of key files are among its members, and it is a member of every client. */
function hideWhenPrinted(auth: GoogleAuth): GoogleAuth {
  const print = (): object => ({});
  return Object.defineProperties(auth, {
    toJSON: { value: print, configurable: true },
    [Symbol.for("nodejs.util.inspect.custom")]: { value: () => "GoogleAuth {}", configurable: true },
  });
}
