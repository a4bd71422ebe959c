// SPDX-License-Identifier: Apache-2.0
// Where to ask about tokens, keys and policies, besides the API itself: at Google's own addresses, or at the host that stands in for all of
// Google. Sends nothing.

/** The addresses. */
export interface SideUrls {
  /** Tokeninfo, which says what a token is. */
  readonly tokenInfo: string;
  /** The same for tokens of workload and workforce pools. */
  readonly introspect: string;
  /** The public keys of service accounts, by their e-mails after a slash. */
  readonly publicKeys: string;
  /** The Organization Policy API. */
  readonly organizationPolicy: string;
}

/** The addresses that go with the one that calls go to: `https://iamcredentials.googleapis.com`. */
export function sideUrlsOf(url: string): SideUrls {
  const isGoogles = /\.googleapis\.com(:443)?$/.test(new URL(url).host);
  const at = (google: string, path: string): string => `${isGoogles ? google : url}${path}`;
  return {
    tokenInfo: at("https://oauth2.googleapis.com", "/tokeninfo"),
    introspect: at("https://sts.googleapis.com", "/v1/introspect"),
    publicKeys: at("https://www.googleapis.com", "/robot/v1/metadata/x509"),
    organizationPolicy: url.replace(/^(https?:\/\/)iamcredentials(?=[.-])/, "$1orgpolicy"),
  };
}
