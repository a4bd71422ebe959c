// SPDX-License-Identifier: Apache-2.0
// As whom a command calls, where, and for how long: the common flags, resolved. Makes clients and sends nothing.

import type * as AdminDoor from "../../iam-admin/index.js";
import type { IAMAsyncClient } from "../../iam-admin/index.js";
import type * as FrontDoor from "../../index.js";
import type {
  CallOptions,
  ClientOptions,
  IAMCredentialsAsyncClient,
  ImpersonatedCredentials,
  Logger,
} from "../../index.js";
import type { Host } from "../host/host.js";
import { UsageError } from "../host/output.js";
import type { Given } from "../table/command.js";
import { type GivenFlags, parseSeconds } from "../table/flags.js";
import { emulatorHost } from "./emulator-host.js";
import { openSource, type Source } from "./source.js";

/** The account to act as, and the chain to it. */
export interface Target {
  /** The e-mail, the unique id, or the account's name. Required. */
  readonly account: string;
  /** The accounts in between, caller's side first. Required. */
  readonly delegates: readonly string[];
}

/** The command ran out of time. */
class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

const DEFAULT_TIMEOUT = "60s";
const GRACE_MS = 250;
const SCOPE_PREFIX = "https://www.googleapis.com/auth/";

/** The values of a flag that takes several, separated by commas or repeated. */
export function splitList(given: GivenFlags, name: string): string[] {
  const texts = given.list(name).length > 0 ? given.list(name) : [given.text(name) ?? ""];
  return texts.flatMap((text) => text.split(",")).flatMap((text) => (text.trim() === "" ? [] : [text.trim()]));
}

/**
 * Whom to act as: the account that the command names, else the last of --impersonate-service-account, whose other accounts are the chain.
 *
 * @param named the account in the arguments; it wins
 */
export function readTarget(given: GivenFlags, named?: string): Target | undefined {
  const delegates = splitList(given, "delegates");
  if (named !== undefined) return { account: named, delegates };
  const impersonated = readImpersonation(given);
  return impersonated && { ...impersonated, delegates: [...delegates, ...impersonated.delegates] };
}

/** Who signs, or whose keys are meant, and who calls. */
export interface Signer {
  /** The account. Required. */
  readonly target: Target;
  /** The account to call as; undefined: the source itself. Required. */
  readonly as: Target | undefined;
}

/**
 * The account that --iam-account names, for whoever the command impersonates; without it, the impersonated account itself.
 *
 * @throws UsageError when neither is given
 */
export function requireSigner(given: GivenFlags): Signer {
  const account = given.text("iam-account");
  if (account === undefined) return { target: requireTarget(given), as: undefined };
  return { target: { account, delegates: splitList(given, "delegates") }, as: readImpersonation(given) };
}

/** The account that --impersonate-service-account names on its own, for commands whose --delegates concern another account. */
export function readImpersonation(given: GivenFlags): Target | undefined {
  const delegates = splitList(given, "impersonate-service-account");
  const account = delegates.pop();
  return account === undefined ? undefined : { account, delegates };
}

/** Whom to act as, for commands that need an account. @throws UsageError */
export function requireTarget(given: GivenFlags, named?: string): Target {
  const target = readTarget(given, named);
  if (target !== undefined) return target;
  throw new UsageError("name the service account, as SA or with --impersonate-service-account");
}

/** The scopes, as URLs. @throws UsageError when one is an audience */
export function readScopes(given: GivenFlags): string[] | undefined {
  const scopes = splitList(given, "scopes").map((scope) => {
    if (/^https?:\/\/[^/]*\.run\.app\b/.test(scope)) {
      throw new UsageError(
        `--scopes: ${scope} is an audience, not a scope; use iamcreds id-token --audiences ${scope}`,
      );
    }
    return /^(https?:|openid$|email$|profile$)/.test(scope) ? scope : `${SCOPE_PREFIX}${scope}`;
  });
  return scopes.length === 0 ? undefined : scopes;
}

/** The lifetime in seconds. @throws UsageError when it is malformed */
export function readLifetime(given: GivenFlags): number | undefined {
  const text = given.text("lifetime");
  return text === undefined ? undefined : parseSeconds(text, "--lifetime") / 1000;
}

const LEVELS = ["debug", "info", "warn", "error"] as const;

function loggerFor(verbosity: string | undefined, host: Host): ClientOptions["logger"] {
  if (verbosity === undefined) return undefined;
  const lowest = LEVELS.indexOf((verbosity === "warning" ? "warn" : verbosity) as (typeof LEVELS)[number]); // as: -1 otherwise
  const write =
    (level: (typeof LEVELS)[number]): Logger[typeof level] =>
    (message, fields) => {
      if (LEVELS.indexOf(level) < lowest) return;
      const timestamp = new Date(host.clock.wallNow()).toISOString();
      host.complain(`${JSON.stringify({ timestamp, severity: level.toUpperCase(), message, ...fields })}\n`);
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

function connectionOptions(given: GivenFlags, host: Host): ClientOptions {
  return {
    apiEndpoint: given.text("endpoint"),
    universeDomain: given.text("universe-domain"),
    transport: given.text("transport"),
    quotaProjectId: given.text("billing-project"),
    logger: loggerFor(given.text("verbosity"), host),
  };
}

/** The resolved caller. Close it when done. */
export class Caller {
  readonly source: Source;
  /** For each call: the command's deadline. */
  readonly call: CallOptions & { readonly signal: AbortSignal; readonly timeout: number };
  readonly #given: GivenFlags;
  readonly #host: Host;
  readonly #cancel: () => void;
  readonly #open: { close(): Promise<unknown> }[] = [];

  /** @internal */
  constructor(source: Source, given: GivenFlags, host: Host, extraMs: number) {
    this.source = source;
    this.#given = given;
    this.#host = host;
    const text = given.text("timeout") ?? DEFAULT_TIMEOUT;
    const timeout = parseSeconds(text, "--timeout");
    if (timeout === 0) throw new UsageError("--timeout must be greater than 0");
    const controller = new AbortController();
    const onTimeout = () =>
      controller.abort(new TimeoutError(`DEADLINE_EXCEEDED: the time limit has passed (--timeout ${text})`));
    // A call's own timeout gives a better error.
    const totalMs = timeout + extraMs + GRACE_MS;
    this.#cancel =
      totalMs === Number.POSITIVE_INFINITY ? () => undefined : host.clock.schedule(totalMs, onTimeout, false);
    this.call = { timeout, signal: controller.signal };
  }

  /** The options of a client that calls as the source itself. */
  get sourceOptions(): ClientOptions {
    const callDefaults = { timeout: this.call.timeout };
    return { ...connectionOptions(this.#given, this.#host), callDefaults, ...this.source.options };
  }

  /** How long a token may take: a call's own timeout gives a better error, and so comes first. */
  get refreshTimeout(): number {
    return this.call.timeout + GRACE_MS;
  }

  /** The options of a client that calls as the command does: as the source, or as the impersonated account. */
  get clientOptions(): ClientOptions {
    return this.optionsAs(readTarget(this.#given));
  }

  /** The options of a client that calls as an account; undefined: as the source itself. */
  optionsAs(target: Target | undefined): ClientOptions {
    if (target === undefined) return this.sourceOptions;
    return { ...connectionOptions(this.#given, this.#host), credentials: this.impersonate(target, true) };
  }

  /**
   * Credentials that act as an account.
   *
   * @param isCaller whether they are for calls of another client, whose endpoint is not the credentials API's. Default: false
   */
  impersonate({ account, delegates }: Target, isCaller = false): ImpersonatedCredentials {
    const { ImpersonatedCredentials: Impersonated } = require("../../index.js") as typeof FrontDoor; // its own type
    const emulator = emulatorHost(this.#host.variables);
    const options = this.sourceOptions;
    const credentials = new Impersonated({
      targetPrincipal: account,
      delegates,
      scopes: readScopes(this.#given),
      lifetime: readLifetime(this.#given),
      subject: this.#given.text("subject"),
      tokenUri:
        emulator === undefined || this.#given.text("subject") === undefined ? undefined : `http://${emulator}/token`,
      quotaProjectId: options.quotaProjectId,
      refreshTimeout: this.refreshTimeout,
      clock: this.#host.clock,
      clientOptions: isCaller ? { ...options, apiEndpoint: undefined } : options,
    });
    this.#open.push(credentials);
    return credentials;
  }

  /** The client of the credentials API. */
  credentialsClient(options: ClientOptions = this.clientOptions): IAMCredentialsAsyncClient {
    const { IAMCredentialsAsyncClient: Client } = require("../../index.js") as typeof FrontDoor; // its own type
    return this.keep(new Client(options));
  }

  /** The client of the admin API. */
  adminClient(options: ClientOptions = this.clientOptions): IAMAsyncClient {
    const { IAMAsyncClient: Client } = require("../../iam-admin/index.js") as typeof AdminDoor; // its own type
    return this.keep(new Client(options));
  }

  /** Closes something with the rest. */
  keep<Resource extends { close(): Promise<unknown> }>(resource: Resource): Resource {
    this.#open.push(resource);
    return resource;
  }

  /** Closes everything that was opened. */
  async close(): Promise<void> {
    this.#cancel();
    await Promise.all(this.#open.map((each) => each.close()));
  }
}

/**
 * Resolves who calls, does some work as that caller, and closes everything.
 *
 * @param extraMs how long the command may wait besides its calls, in milliseconds; `Infinity`: until it is stopped. Default: 0
 * @throws UsageError naming the flag that is wrong; what the work throws
 */
export async function withCaller<Result>(
  given: Given,
  host: Host,
  work: (caller: Caller) => Promise<Result>,
  extraMs = 0,
): Promise<Result> {
  const caller = new Caller(await openSource(given, host), given, host, extraMs);
  try {
    return await work(caller);
  } finally {
    await caller.close();
  }
}
