// SPDX-License-Identifier: Apache-2.0
// Decides what a credentials file that points at the emulator says, for each kind that Google's libraries read. Writes it for
// its owner alone.

import { anyText, listOf, text, value } from "../../../base/options/checks.js";
import {
  type Declaration,
  declare,
  type Fields,
  type GivenOf,
  optional,
  required,
  type SettledOf,
  settle,
} from "../../../base/options/declaration.js";
import { writeForOwner } from "../../files/owner-file.js";
import type { AccountBook, ServiceAccount } from "../accounts/account-book.js";
import type { LoginBook } from "../logins/login-book.js";
import { builtInProvider, type EmulatorIdentityProvider, providerName } from "../logins/login-options.js";
import { EMAIL, MEMBER, SCOPES } from "../names/name-checks.js";
import { CLOUD_PLATFORM_SCOPE } from "../names/scopes.js";
import { refuseOption } from "../refusals/refuse-option.js";
import type { Work } from "../runtime/work.js";
import { buildKeyFile } from "./account-key-file.js";

const USER_SCOPES = [CLOUD_PLATFORM_SCOPE, "openid", "email"];
const SUBJECT = text({ pattern: /^[\x21-\x7e]{1,127}$/, expected: "1 to 127 printable characters" });
type ProviderName = Pick<EmulatorIdentityProvider, "projectNumber" | "pool" | "provider">;
const PROVIDER_NAME = value<ProviderName>((given) => typeof given === "object" && given !== null, "an object");
const UNKNOWN = "is not an option of this kind of file";

const KEY_FILE = declare({
  unknown: UNKNOWN,
  fields: {
    /** The e-mail of an existing account. Required. */
    serviceAccount: required(EMAIL),
  },
});

const IMPERSONATED = declare({
  unknown: UNKNOWN,
  fields: {
    /** The account: its e-mail. Required. */
    serviceAccount: required(EMAIL),
    /** Who calls: `user:{email}`, or `serviceAccount:{email}` of an account that exists. Required. */
    source: required(MEMBER),
    /** The e-mails of the hops in between. Default: none. */
    delegates: optional(listOf(EMAIL), []),
  },
  rule: ({ source }) =>
    source.startsWith("principal:") ? { path: "source", text: "must be a user or a service account" } : undefined,
});

const LOGIN = declare({
  unknown: UNKNOWN,
  fields: {
    /** The user's e-mail. Required. */
    user: required(EMAIL),
    /** What the user agreed to. Default: cloud-platform, openid and email. */
    scopes: optional(SCOPES, USER_SCOPES),
    /** The quota project. Default: none. */
    quotaProjectId: optional(anyText),
  },
});

const EXTERNAL = declare({
  unknown: UNKNOWN,
  fields: {
    /** Its subject. Required. */
    subject: required(SUBJECT),
    /** The account to call as: its e-mail. Default: none, it calls as itself. */
    serviceAccount: optional(EMAIL),
    /** The provider, one whose tokens the emulator issues. Default: the built-in one. */
    provider: optional<ProviderName, ProviderName>(PROVIDER_NAME, builtInProvider),
  },
});

/** A user's login. */
export interface EmulatorUserLogin extends GivenOf<typeof LOGIN.fields> {}

/** The options for each kind of credentials file, by the file's `type`. */
export interface EmulatorCredentialsFiles {
  /** A key of a service account. A new one each time. */
  readonly service_account: GivenOf<typeof KEY_FILE.fields>;
  /** A service account that another principal impersonates. */
  readonly impersonated_service_account: GivenOf<typeof IMPERSONATED.fields>;
  /** A user who has logged in. The Node and Python libraries hard-code Google's token endpoint and don't come here. */
  readonly authorized_user: EmulatorUserLogin;
  /** A user who has logged in with a workforce pool. Every library asks the token endpoint that the file names. */
  readonly external_account_authorized_user: EmulatorUserLogin;
  /** An identity of a workload identity pool. */
  readonly external_account: GivenOf<typeof EXTERNAL.fields>;
}

/** The kinds of credentials files. */
export type EmulatorCredentialsKind = keyof EmulatorCredentialsFiles;

/** What credentials files are built from. */
interface CredentialsSource {
  /** The service accounts. Required. */
  readonly accounts: AccountBook;
  /** The logins; a file for a user makes a new one. Required. */
  readonly logins: LoginBook;
  /** The emulator's URL. Required. */
  readonly url: () => string;
  /** Tracks keys that are being generated. Required. */
  readonly work: Work;
}

type Document = Readonly<Record<string, unknown>>;

function read<Declared extends Fields>(declaration: Declaration<Declared>, options: unknown): SettledOf<Declared> {
  return settle(declaration, options, { path: "options", refuse: refuseOption });
}

function requireAccount(world: CredentialsSource, email: string, label: string): ServiceAccount {
  const account = world.accounts.find(email);
  if (account === undefined)
    throw new TypeError(`${label} must be that of a service account of the emulator, not ${email}`);
  return account;
}

async function buildServiceAccount(world: CredentialsSource, email: string, label: string): Promise<Document> {
  const account = requireAccount(world, email, label);
  return { ...buildKeyFile(account, await world.work.track(account.keys.createUserKey()), world.url()) };
}

function logIn(world: CredentialsSource, login: EmulatorUserLogin): Document {
  const { user: email, scopes, quotaProjectId } = read(LOGIN, login);
  const { clientId, clientSecret, refreshToken } = world.logins.createRefreshToken(email, [...scopes]);
  return {
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
    ...(quotaProjectId === undefined ? {} : { quota_project_id: quotaProjectId }),
    universe_domain: "googleapis.com",
  };
}

function buildUser(world: CredentialsSource, login: EmulatorUserLogin): Document {
  return { type: "authorized_user", ...logIn(world, login), token_uri: `${world.url()}/token` };
}

function buildWorkforceUser(world: CredentialsSource, login: EmulatorUserLogin): Document {
  return {
    type: "external_account_authorized_user",
    audience: "//iam.googleapis.com/locations/global/workforcePools/emulator-pool/providers/emulator-provider",
    ...logIn(world, login),
    token_url: `${world.url()}/v1/oauthtoken`,
    token_info_url: `${world.url()}/v1/introspect`,
  };
}

const accountName = (email: string) => `projects/-/serviceAccounts/${email}`;

function impersonationUrl(world: CredentialsSource, email: string): string {
  return `${world.url()}/v1/${accountName(email)}:generateAccessToken`;
}

async function buildImpersonated(
  world: CredentialsSource,
  options: EmulatorCredentialsFiles["impersonated_service_account"],
): Promise<Document> {
  const { serviceAccount: target, source: member, delegates } = read(IMPERSONATED, options);
  const email = member.slice(member.indexOf(":") + 1);
  return {
    type: "impersonated_service_account",
    service_account_impersonation_url: impersonationUrl(world, target),
    // Node's library takes the target from the URL and the host from here.
    endpoint: world.url(),
    // Libraries pass these on unchanged, and the API is documented to take resource names.
    delegates: delegates.map(accountName),
    source_credentials: member.startsWith("user:")
      ? buildUser(world, { user: email })
      : await buildServiceAccount(world, email, "options.source"),
  };
}

function buildExternal(world: CredentialsSource, options: EmulatorCredentialsFiles["external_account"]): Document {
  const { subject, serviceAccount: target, provider } = read(EXTERNAL, options);
  const audience = providerName(provider);
  const known = world.logins.findProvider(audience);
  if (known === undefined) throw new TypeError(`options.provider does not exist: ${audience}`);
  if (known.jwks !== undefined) throw new TypeError(`options.provider has its own keys: ${audience}`);
  const query = new URLSearchParams({ audience, subject });
  return {
    type: "external_account",
    audience,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${world.url()}/v1/token`,
    token_info_url: `${world.url()}/v1/introspect`,
    // Libraries that need the project look it up by its number: Node's at this URL, the others at Google.
    cloud_resource_manager_url: `${world.url()}/v1/projects/`,
    _comment: "Set GOOGLE_CLOUD_PROJECT to a project ID: otherwise Google's libraries look the project up at Google.",
    ...(target === undefined ? {} : { service_account_impersonation_url: impersonationUrl(world, target) }),
    credential_source: {
      url: `${world.url()}/emulator/v1/identity-provider/token?${query}`,
      format: { type: "json", subject_token_field_name: "token" },
    },
    universe_domain: "googleapis.com",
  };
}

/**
 * Builds a credentials file.
 *
 * @throws TypeError naming the option that is wrong
 */
export function buildCredentialsFile(
  world: CredentialsSource,
  kind: EmulatorCredentialsKind,
  options: unknown,
): Promise<Readonly<Record<string, unknown>>> | Readonly<Record<string, unknown>> {
  const given = options as never; // the builders check what they are given
  switch (kind) {
    case "service_account":
      return buildServiceAccount(world, read(KEY_FILE, given).serviceAccount, "options.serviceAccount");
    case "impersonated_service_account":
      return buildImpersonated(world, given);
    case "authorized_user":
      return buildUser(world, given);
    case "external_account_authorized_user":
      return buildWorkforceUser(world, given);
    case "external_account":
      return buildExternal(world, given);
    default:
      throw new TypeError(`kind must be the type of a credentials file, not ${JSON.stringify(kind)}`);
  }
}

/**
 * Writes a credentials file that only its owner can read. An existing file is replaced atomically.
 *
 * @throws TypeError naming the option that is wrong; the error of node:fs when the file can't be written
 */
export async function writeCredentialsFile<Kind extends EmulatorCredentialsKind>(
  world: CredentialsSource,
  kind: Kind,
  path: string,
  options: EmulatorCredentialsFiles[Kind],
): Promise<void> {
  const document = await buildCredentialsFile(world, kind, options);
  await writeForOwner(path, `${JSON.stringify(document, undefined, 2)}\n`);
}
