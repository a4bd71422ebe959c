// SPDX-License-Identifier: Apache-2.0
// What Google calls things that options leave open: once, since several layers have them as a default.

/** The universe where none is named. */
export const DEFAULT_UNIVERSE_DOMAIN = "googleapis.com";

/** The OAuth scope for all of Google Cloud. */
export const CLOUD_PLATFORM_SCOPE = "https://www.googleapis.com/auth/cloud-platform";
