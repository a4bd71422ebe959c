// SPDX-License-Identifier: Apache-2.0
// The version of this package, as a constant: reading package.json at run time would break bundles.

/** The version of `iam-credentials-client`, sent as `gax/…` and `gapic/…` in `x-goog-api-client`. */
export const VERSION = "0.1.0";
