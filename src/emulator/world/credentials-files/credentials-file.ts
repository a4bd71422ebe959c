// SPDX-License-Identifier: Apache-2.0
// Decides what a credentials file that points at the emulator says, for each kind that Google's libraries read. Writes it for
// its owner alone.

import { writeForOwner } from "../../files/owner-file.js";
import type { AccountBook, ServiceAccount } from "../accounts/account-book.js";
import type { LoginBook } from "../logins/login-book.js";
import { builtInProvider, type EmulatorIdentityProvider, providerName } from "../logins/login-options.js";
import { requireEmail, requireMember } from "../names/account-names.js";
import { CLOUD_PLATFORM_SCOPE, isScope } from "../names/scopes.js";
import type { Work } from "../runtime/work.js";
import { buildKeyFile } from "./account-key-file.js";

/** What each kind of credentials file is made of; the names are those that the files have in `type`. */
export interface EmulatorCredentialsFiles {
  /** A key of a service account. A new one each time. */
  readonly service_account: {
    /** Whose: the e-mail of an account that exists. Required. */
    readonly serviceAccount: string;
  };
  /** A service account in whose name somebody else calls. */
  readonly impersonated_service_account: {
    /** The account: its e-mail. Required. */
    readonly serviceAccount: string;
    /** Who calls: `user:{email}`, or `serviceAccount:{email}` of an account that exists. Required. */
    readonly source: string;
    /** The e-mails of the hops in between. Default: none. */
    readonly delegates?: readonly string[];
  };
  /** A user who has logged in. Libraries that fix Google's token endpoint for these, Node's and Python's, don't come here. */
  readonly authorized_user: EmulatorUserLogin;
  /** A user who has logged in with a workforce pool. Every library asks the token endpoint that the file names. */
  readonly external_account_authorized_user: EmulatorUserLogin;
  /** An identity of a workload identity pool. */
  readonly external_account: {
    /** Its subject. Required. */
    readonly subject: string;
    /** The account to call as: its e-mail. Default: none, it calls as itself. */
    readonly serviceAccount?: string;
    /** The provider, one whose tokens are the emulator's own. Default: the one that is always there. */
    readonly provider?: Pick<EmulatorIdentityProvider, "projectNumber" | "pool" | "provider">;
  };
}

/** A user's login. */
export interface EmulatorUserLogin {
  /** The user's e-mail. Required. */
  readonly user: string;
  /** What the user agreed to. Default: cloud-platform, openid and email. */
  readonly scopes?: readonly string[];
  /** The project that is charged. Default: none. */
  readonly quotaProjectId?: string;
}

/** The kinds of credentials files. */
export type EmulatorCredentialsKind = keyof EmulatorCredentialsFiles;

/** What credentials files are made of. */
export interface CredentialsSource {
  /** The service accounts. Required. */
  readonly accounts: AccountBook;
  /** The users, who log in for a file. Required. */
  readonly logins: LoginBook;
  /** Where the emulator is. Required. */
  readonly url: () => string;
  /** What keys in the making are part of. Required. */
  readonly work: Work;
}

type Document = Readonly<Record<string, unknown>>;

const USER_SCOPES = [CLOUD_PLATFORM_SCOPE, "openid", "email"];

function requireAccount(world: CredentialsSource, email: unknown, label: string): ServiceAccount {
  const account = world.accounts.find(requireEmail(email, label));
  if (account === undefined) throw new TypeError(`${label} is of no service account of the emulator: ${email}`);
  return account;
}

async function buildServiceAccount(world: CredentialsSource, email: unknown, label: string): Promise<Document> {
  const account = requireAccount(world, email, label);
  return { ...buildKeyFile(account, await world.work.track(account.keys.createUserKey()), world.url()) };
}

function logIn(world: CredentialsSource, { user, scopes = USER_SCOPES, quotaProjectId }: EmulatorUserLogin): Document {
  const email = requireEmail(user, "options.user");
  if (!Array.isArray(scopes) || scopes.length === 0 || !scopes.every(isScope)) {
    throw new TypeError("options.scopes must be an array of scopes, not empty");
  }
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
    token_info_url: `${world.url()}/tokeninfo`,
  };
}

const accountName = (email: string) => `projects/-/serviceAccounts/${email}`;

function impersonationUrl(world: CredentialsSource, email: string): string {
  return `${world.url()}/v1/${accountName(email)}:generateAccessToken`;
}

async function buildImpersonated(
  world: CredentialsSource,
  { serviceAccount, source, delegates = [] }: EmulatorCredentialsFiles["impersonated_service_account"],
): Promise<Document> {
  const target = requireEmail(serviceAccount, "options.serviceAccount");
  const member = requireMember(source, "options.source");
  if (!Array.isArray(delegates)) throw new TypeError("options.delegates must be an array");
  const email = member.slice(member.indexOf(":") + 1);
  if (member.startsWith("principal:")) throw new TypeError("options.source must be a user or a service account");
  return {
    type: "impersonated_service_account",
    service_account_impersonation_url: impersonationUrl(world, target),
    // Node's library takes the target from the URL and the host from here.
    endpoint: world.url(),
    // Libraries send them on as they are, and the API takes nothing but names.
    delegates: delegates.map((each, index) => accountName(requireEmail(each, `options.delegates[${index}]`))),
    source_credentials: member.startsWith("user:")
      ? buildUser(world, { user: email })
      : await buildServiceAccount(world, email, "options.source"),
  };
}

function buildExternal(
  world: CredentialsSource,
  { subject, serviceAccount, provider = builtInProvider }: EmulatorCredentialsFiles["external_account"],
): Document {
  if (typeof subject !== "string" || !/^[\x21-\x7e]{1,127}$/.test(subject)) {
    throw new TypeError("options.subject must be 1 to 127 printable characters");
  }
  const audience = providerName(provider);
  const known = world.logins.findProvider(audience);
  if (known === undefined) throw new TypeError(`options.provider does not exist: ${audience}`);
  if (known.jwks !== undefined) throw new TypeError(`options.provider has keys of its own: ${audience}`);
  const query = new URLSearchParams({ audience, subject });
  const target = serviceAccount === undefined ? undefined : requireEmail(serviceAccount, "options.serviceAccount");
  return {
    type: "external_account",
    audience,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${world.url()}/v1/token`,
    token_info_url: `${world.url()}/tokeninfo`,
    ...(target === undefined ? {} : { service_account_impersonation_url: impersonationUrl(world, target) }),
    credential_source: {
      url: `${world.url()}/emulator/v1/identity-provider/token?${query}`,
      format: { type: "json", subject_token_field_name: "token" },
    },
    universe_domain: "googleapis.com",
  };
}

function buildDocument(
  world: CredentialsSource,
  kind: EmulatorCredentialsKind,
  options: unknown,
): Promise<Document> | Document {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  const given = options as never; // the builders check what they are given
  switch (kind) {
    case "service_account":
      return buildServiceAccount(
        world,
        (given as EmulatorCredentialsFiles["service_account"]).serviceAccount,
        "options.serviceAccount",
      );
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
 * Writes a credentials file, readable for its owner alone. One that is there is replaced in one step.
 *
 * @throws TypeError naming the option that is wrong; the error of node:fs when the file can't be written
 */
export async function writeCredentialsFile<Kind extends EmulatorCredentialsKind>(
  world: CredentialsSource,
  kind: Kind,
  path: string,
  options: EmulatorCredentialsFiles[Kind],
): Promise<void> {
  const document = await buildDocument(world, kind, options);
  await writeForOwner(path, `${JSON.stringify(document, undefined, 2)}\n`);
}
