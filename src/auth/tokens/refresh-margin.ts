// SPDX-License-Identifier: Apache-2.0
// How long before its end a token is renewed, whoever makes it.

/**
 * A token is renewed this long before its end. The metadata server hands out the same token until 4 minutes before its end, so asking
 * earlier is pointless. Source: google.auth's REFRESH_THRESHOLD, 3 min 45 s.
 */
export const REFRESH_MARGIN_MS = 225_000;
