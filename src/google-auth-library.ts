// SPDX-License-Identifier: Apache-2.0
// The door `./google-auth-library`: for bundled programs whose credentials that library makes (external accounts, impersonation files,
// GDCH). Importing it puts the library into the bundle; other programs load it by themselves when they need it.

import { adaptExecutable } from "./auth/google-library/executable-source.js";
import { type GoogleLibrary, provideGoogleLibrary } from "./auth/google-library/google-library.js";

provideGoogleLibrary({
  load: () => require("google-auth-library") as GoogleLibrary, // as: what the package is
  adaptExecutable,
});

export type { GoogleLibrary };
