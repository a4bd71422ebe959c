// SPDX-License-Identifier: Apache-2.0
// Reads the credentials file that gcloud writes for impersonation (`"type": "impersonated_service_account"`). Asks for nothing.

import { isTrustedUrl, providerFromInfo } from "../auth/credentials-info.js";
import { withoutNulls } from "../auth/files/credentials-file.js";
import { namedUniverse } from "../auth/google-library/library-token-provider.js";
import { systemClock } from "../base/clock.js";
import { readEnvironment } from "../base/environment.js";
import { ConfigurationError } from "../base/errors.js";
import { DEFAULT_UNIVERSE_DOMAIN } from "../base/options/google-names.js";
import { maskSecrets } from "../base/secrets/secret-text.js";
import type { TokenProvider } from "../base/token-provider.js";
import type { ClientOptions } from "../client/client-options.js";
import { scopesFromOption } from "../client/resolve-credentials.js";
import { IAM_CREDENTIALS } from "../iam-credentials/methods.js";
import type { ImpersonatedCredentialsOptions } from "./impersonated-credentials-options.js";

/** The fields of that file. */
export interface ImpersonatedServiceAccountInfo {
  /** `"impersonated_service_account"`. */
  readonly type?: string | undefined;
  /** `https://{host}/v1/projects/-/serviceAccounts/{account}:generateAccessToken`. Required. */
  readonly service_account_impersonation_url: string;
  /** The caller's own credentials: the contents of a credentials file of another type. Required. */
  readonly source_credentials: Readonly<Record<string, unknown>>;
  /** The accounts on the way. Default: none. */
  readonly delegates?: readonly string[] | undefined;
  /** The project that is charged for quota. Default: none. */
  readonly quota_project_id?: string | undefined;
  /** OAuth scopes of the token. Default: `cloud-platform`. */
  readonly scopes?: readonly string[] | undefined;
  /** The universe. Default: that of the source, else the one that the URL's host shows, else the client's. */
  readonly universe_domain?: string | undefined;
}

const SOURCE_TYPES: readonly unknown[] = [
  "authorized_user",
  "service_account",
  "external_account",
  "external_account_authorized_user",
];

/**
 * The options that the file stands for.
 *
 * @param overrides override what the file says
 * @throws ConfigurationError naming the field that is wrong
 */
export function optionsFromImpersonatedServiceAccountInfo(
  info: ImpersonatedServiceAccountInfo,
  overrides: Partial<ImpersonatedCredentialsOptions>,
): ImpersonatedCredentialsOptions {
  if (typeof info !== "object" || info === null) {
    throw new ConfigurationError("info: must be the contents of a credentials file");
  }
  if (info.type !== undefined && info.type !== "impersonated_service_account") {
    throw new ConfigurationError(
      `type: must be "impersonated_service_account", not ${maskSecrets(JSON.stringify(info.type))}`,
    );
  }
  const { url, account } = parseImpersonationUrl(info.service_account_impersonation_url);
  const { scopes, delegates, quota_project_id: quotaProjectId } = info;
  const universeDomain = namedUniverse(withoutNulls({ ...info }));
  const options = { targetPrincipal: account, scopes, delegates, quotaProjectId, universeDomain };
  const given = Object.fromEntries(
    [...Object.entries(options), ...Object.entries(overrides)].filter(
      ([, value]) => value !== undefined && value !== null, // which JSON files have for what is not there
    ),
  );
  const clientOptions = overrides.client === undefined ? { clientOptions: clientOptionsOf(info, url, overrides) } : {};
  return { targetPrincipal: account, ...given, ...clientOptions };
}

type Overrides = Partial<ImpersonatedCredentialsOptions>;

function clientOptionsOf(info: ImpersonatedServiceAccountInfo, url: URL, overrides: Overrides): ClientOptions {
  const named = overrides.universeDomain ?? namedUniverse(withoutNulls({ ...info }));
  const universes = [named ?? DEFAULT_UNIVERSE_DOMAIN, DEFAULT_UNIVERSE_DOMAIN] as const;
  // The service's own host is left out, so that whatever else decides the endpoint still does: a certificate, an emulator, and a universe
  // that the URL does not name.
  const isDefaultHost = universes.some((universe) => url.host === `iamcredentials.${universe}`);
  checkHost(url, universes[0], overrides);
  return {
    credentials: sourceOf(info.source_credentials, named, overrides),
    ...(isDefaultHost ? {} : { apiEndpoint: url.host }),
    ...(url.protocol === "http:" ? { insecure: true } : {}),
    ...overrides.clientOptions,
  };
}

/** The source's token is sent there, and whoever wrote the file chose the host. */
function checkHost({ href }: URL, universe: string, { clientOptions }: Overrides): void {
  const emulatorHost = emulatorHostOf();
  const isReplaced = [clientOptions?.apiEndpoint, clientOptions?.channel].some((option) => option !== undefined);
  if (isReplaced || isTrustedUrl(href, { universe: universe.toLowerCase(), emulatorHost })) return;
  throw new ConfigurationError(
    `service_account_impersonation_url: must be an https URL of ${universe}, since the token of source_credentials is sent there; ` +
      "to trust another host, set clientOptions.apiEndpoint",
  );
}

const emulatorHostOf = (): string | undefined => readEnvironment()[IAM_CREDENTIALS.emulatorVariable] || undefined;

function parseImpersonationUrl(text: unknown): { url: URL; account: string } {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  const [, encoded] = /\/serviceAccounts\/([^/]+):generateAccessToken$/.exec(url?.pathname ?? "") ?? [];
  if (url === undefined || encoded === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ConfigurationError(
      `service_account_impersonation_url: cannot extract the target principal from ${maskSecrets(JSON.stringify(text) ?? "nothing")}`,
    );
  }
  return { url, account: encoded.replaceAll("%40", "@") };
}

function sourceOf(source: unknown, universe: string | undefined, { clock, clientOptions }: Overrides): TokenProvider {
  const type = typeof source === "object" && source !== null && "type" in source ? source.type : undefined;
  if (typeof source !== "object" || source === null || !SOURCE_TYPES.includes(type)) {
    const shown = maskSecrets(JSON.stringify(type) ?? "none");
    throw new ConfigurationError(`source_credentials: a source of type ${shown} is not supported`);
  }
  const contents = { ...(universe === undefined ? {} : { universe_domain: universe }), ...withoutNulls({ ...source }) };
  return providerFromInfo(contents, {
    name: "source_credentials",
    scopes: scopesFromOption(clientOptions?.scopes),
    defaultScopes: IAM_CREDENTIALS.scopes,
    audience: clientOptions?.apiAudience ?? `https://${IAM_CREDENTIALS.hostPrefix}.googleapis.com/`,
    emulatorHost: emulatorHostOf(),
    clock: clock ?? clientOptions?.clock ?? systemClock,
  });
}
