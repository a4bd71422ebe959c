// SPDX-License-Identifier: Apache-2.0
// Google's names that serve as defaults of options, in one place because several layers use them.

/** The universe if none is named. */
export const DEFAULT_UNIVERSE_DOMAIN = "googleapis.com";

/** Whether a text can be a universe domain. */
export const isUniverseDomain = (text: string): boolean =>
  /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(text) && text.length < 254;

/** The OAuth scope for all of Google Cloud. */
export const CLOUD_PLATFORM_SCOPE = "https://www.googleapis.com/auth/cloud-platform";
