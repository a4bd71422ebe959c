// SPDX-License-Identifier: Apache-2.0
// What callers of the drop-in see of google-auth-library. The one file here that names the library.

import type { GoogleAuth, GoogleAuthOptions } from "google-auth-library";
import { loadGoogleLibrary } from "../auth/google-library.js";

export type { AuthClient, GoogleAuth, GoogleAuthOptions } from "google-auth-library";

/** A `GoogleAuth` of these options. @throws what the library throws when they contradict each other */
export function newGoogleAuth(options: GoogleAuthOptions): GoogleAuth {
  return new (loadGoogleLibrary().GoogleAuth)(options);
}
