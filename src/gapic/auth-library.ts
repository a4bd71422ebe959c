// SPDX-License-Identifier: Apache-2.0
// What callers of the drop-in see of google-auth-library. The one file here that names the library, and it loads it only when it is
// asked.

import type { GoogleAuth, GoogleAuthOptions } from "google-auth-library";

export type { AuthClient, GoogleAuth, GoogleAuthOptions } from "google-auth-library";

/** A `GoogleAuth` of these options. @throws what the library throws when they contradict each other */
export function newGoogleAuth(options: GoogleAuthOptions): GoogleAuth {
  // require, not import: whoever brings channel credentials must not pay for it.
  const library = require("google-auth-library") as typeof import("google-auth-library");
  return new library.GoogleAuth(options);
}
