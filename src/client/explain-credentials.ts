// SPDX-License-Identifier: Apache-2.0
// The choice of credentials, explained in words: every place where a client looks, what is there, and which one it uses. Requests no
// token.

import { type ApplicationDefaultPlaces, findPlaces } from "../auth/application-default.js";
import { isCredentialsInfo } from "../auth/credentials-info.js";
import { type CredentialsInfo, readCredentialsFile } from "../auth/files/credentials-file.js";
import { type CredentialsSummary, summarizeCredentials, summaryOf } from "../auth/files/credentials-summary.js";
import { type Clock, systemClock } from "../base/clock.js";
import { type Environment, readEnvironment } from "../base/environment.js";
import { ConfigurationError } from "../base/errors.js";
import { type ClientOptions, checkClientOptions } from "./client-options.js";
import type { EndpointInput } from "./endpoint/explain-endpoint.js";
import { checkCredentialsOptions, isTransport } from "./resolve-credentials.js";

/** A place where credentials are looked for. */
export interface CredentialsPlace {
  /** Its name: an option, a variable, `"gcloud's file"`, `"metadata server"`. */
  readonly name: string;
  /** The path or address. */
  readonly at: string | undefined;
  /**
   * `used`: the client uses the credentials there; `unused`: it has some, of lower precedence; `broken`: what is there cannot be
   * used, and no later place is tried; `absent`: nothing is there; `notAsked`: finding out needs the network.
   */
  readonly state: "used" | "unused" | "broken" | "absent" | "notAsked";
  /** Whose credentials are there. */
  readonly found: CredentialsSummary | undefined;
  /** What is wrong with it; `undefined`: nothing. */
  readonly problem: string | undefined;
}

/** Which credentials a client uses. Holds no secret. */
export interface CredentialsExplanation {
  /** The options and variables that were examined. Secrets are shown as `"given"`. */
  readonly inputs: readonly EndpointInput[];
  /** Every place, in order of precedence. */
  readonly places: readonly CredentialsPlace[];
  /** The credentials that the client uses; `undefined`: none, or unknown without the network. */
  readonly taken: CredentialsSummary | undefined;
  /** Why these, in words. */
  readonly because: string;
  /** The project to charge for quota: from the option, the variable or the credentials. */
  readonly quotaProjectId: string | undefined;
  /** The error that a client with these options throws; `undefined`: none that is known before it requests a token. */
  readonly error: ConfigurationError | undefined;
}

/** What to ask. */
export interface ExplainCredentialsOptions {
  /** Whether to ask the metadata server if it exists and which account this machine has. Default: false; nothing is sent. */
  readonly probe?: boolean | undefined;
  /** Default: nobody gives up. */
  readonly signal?: AbortSignal | undefined;
}

/** The service that the choice is for. */
interface CredentialsTarget {
  /** The variable of an emulator of the service. */
  readonly emulatorVariable: string;
}

const QUOTA_VARIABLE = "GOOGLE_CLOUD_QUOTA_PROJECT";
const VARIABLES: readonly string[] = [
  "GOOGLE_APPLICATION_CREDENTIALS",
  "CLOUDSDK_CONFIG",
  QUOTA_VARIABLE,
  "GCE_METADATA_HOST",
  "GCE_METADATA_IP",
  "METADATA_SERVER_DETECTION",
  "NO_GCE_CHECK",
];

/** Explains the choice. Rejects only with the signal's reason: the error that a client would throw is part of the result. */
export async function explainChoice(
  target: CredentialsTarget,
  options: ClientOptions,
  asked: ExplainCredentialsOptions,
): Promise<CredentialsExplanation> {
  checkClientOptions(options);
  const environment = { ...readEnvironment() }; // a snapshot: it may change during the requests
  const inputs = inputsOf(options, target, environment);
  try {
    checkCredentialsOptions(options);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const nothing = { places: [], taken: undefined, quotaProjectId: undefined };
    return { inputs, ...nothing, because: error.message, error };
  }
  const places = await findAll(target, options, asked, environment);
  const first = places.find(({ state }) => state !== "absent");
  const taken = first?.state === "used" ? first.found : undefined;
  const isFound = options.credentials === undefined && options.apiKey === undefined;
  const fromVariable =
    isFound && taken?.type !== "emulator_owner" ? environment[QUOTA_VARIABLE] || undefined : undefined;
  return {
    inputs,
    places,
    taken,
    because: explain(first),
    quotaProjectId: options.quotaProjectId ?? fromVariable ?? taken?.quotaProjectId,
    error: first?.state === "broken" ? new ConfigurationError(first.problem) : undefined,
  };
}

function explain(first: CredentialsPlace | undefined): string {
  if (first === undefined) return "no place has any credentials";
  const where = first.at === undefined ? first.name : `${first.name} (${first.at})`;
  if (first.state === "broken") return `${where} comes first, but cannot be used: ${first.problem}`;
  if (first.state === "notAsked") return `nothing was found before the ${where}, which was not queried`;
  return `${where} is the first place that has credentials`;
}

async function findAll(
  target: CredentialsTarget,
  options: ClientOptions,
  asked: ExplainCredentialsOptions,
  environment: Environment,
): Promise<readonly CredentialsPlace[]> {
  const found: Omit<CredentialsPlace, "state">[] = [];
  const isThere = (place: Omit<CredentialsPlace, "state">): boolean =>
    place.found !== undefined || place.problem !== undefined;
  found.push(...ofOptions(options));
  const isGiven = found.some(isThere);
  if (options.channel === undefined || isGiven) {
    found.push(ofEmulator(target, environment), ...ofFiles(findPlaces(environment)));
    found.push(await ofMachine(environment, options.clock ?? systemClock, asked));
  }
  const firstAt = found.findIndex((place) => isThere(place) || place.name === MACHINE);
  return found.map((place, index) => {
    const isMachine = place.name === MACHINE && !isThere(place);
    if (isMachine && asked.probe !== true && environment["NO_GCE_CHECK"] !== "true")
      return { ...place, state: "notAsked" };
    if (!isThere(place)) return { ...place, state: "absent" };
    if (index !== firstAt) return { ...place, state: "unused" };
    return { ...place, state: place.problem === undefined ? "used" : "broken" };
  });
}

const MACHINE = "metadata server";
const place = (
  name: string,
  at?: string,
  found?: CredentialsSummary,
  problem?: string,
): Omit<CredentialsPlace, "state"> => ({
  name,
  at,
  found,
  problem,
});

function ofOptions(options: ClientOptions): Omit<CredentialsPlace, "state">[] {
  const { transport, credentials, credentialsFile, apiKey } = options;
  return [
    place("option transport", undefined, isTransport(transport) ? summaryOf("program") : undefined),
    place("option apiKey", undefined, apiKey === undefined ? undefined : summaryOf("api_key")),
    place("option credentials", undefined, credentials && summarizeGiven(credentials)),
    credentialsFile === undefined
      ? place("option credentialsFile")
      : ofFile("option credentialsFile", String(credentialsFile), () =>
          readCredentialsFile(credentialsFile, "credentialsFile"),
        ),
  ];
}

/** Credentials that a program passed in: the contents of a file, or an object that may name its account. */
function summarizeGiven(credentials: object): CredentialsSummary {
  if (isCredentialsInfo(credentials)) return summarizeCredentials({ ...credentials });
  const account: unknown = Reflect.get(credentials, "targetPrincipal") ?? Reflect.get(credentials, "email");
  return summaryOf("program", typeof account === "string" ? account : undefined);
}

function ofEmulator(
  { emulatorVariable }: CredentialsTarget,
  environment: Environment,
): Omit<CredentialsPlace, "state"> {
  const host = environment[emulatorVariable] || undefined;
  return place(emulatorVariable, host, host === undefined ? undefined : summaryOf("emulator_owner"));
}

function ofFiles({
  variable,
  named,
  gcloudFile,
  hasGcloudFile,
}: ApplicationDefaultPlaces): Omit<CredentialsPlace, "state">[] {
  return [
    named === undefined ? place(variable) : ofFile(variable, named, () => readCredentialsFile(named, variable)),
    hasGcloudFile
      ? ofFile("gcloud's file", gcloudFile, () => readCredentialsFile(gcloudFile, "gcloud's file"))
      : place("gcloud's file", gcloudFile),
  ];
}

function ofFile(name: string, at: string, read: () => CredentialsInfo): Omit<CredentialsPlace, "state"> {
  try {
    return place(name, at, summarizeCredentials(read()));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    // What was given as a path may be a key: the message then says so without repeating it, and so does this.
    return place(name, error.message.includes(at) ? at : undefined, undefined, error.message);
  }
}

async function ofMachine(
  environment: Environment,
  clock: Clock,
  { probe, signal }: ExplainCredentialsOptions,
): Promise<Omit<CredentialsPlace, "state">> {
  if (probe !== true) return place(MACHINE);
  const { hasMetadataServer } =
    require("../auth/metadata-server/metadata-server-detection.js") as typeof import("../auth/metadata-server/metadata-server-detection.js");
  if (!(await hasMetadataServer({ environment, clock }, signal))) return place(MACHINE);
  const { MetadataServer } =
    require("../auth/metadata-server/metadata-server.js") as typeof import("../auth/metadata-server/metadata-server.js");
  try {
    const { email } = await new MetadataServer({ environment, clock }).account("default", signal);
    return place(MACHINE, undefined, summaryOf("metadata_server", email));
  } catch (error) {
    signal?.throwIfAborted();
    return place(MACHINE, undefined, undefined, error instanceof Error ? error.message : "it did not respond");
  }
}

function inputsOf(
  options: ClientOptions,
  { emulatorVariable }: CredentialsTarget,
  environment: Environment,
): EndpointInput[] {
  const { credentials, credentialsFile, apiKey, quotaProjectId, transport } = options;
  const given = {
    transport: isTransport(transport) ? "a transport" : undefined,
    apiKey: apiKey && "given",
    credentials: credentials && "given",
    credentialsFile: credentialsFile && "given",
    quotaProjectId,
  };
  const [, ...others] = VARIABLES;
  const named = environment[VARIABLES[0] ?? ""];
  return [
    ...Object.entries(given).map(([name, value]) => ({ name, kind: "option" as const, value: value || undefined })),
    { name: VARIABLES[0] ?? "", kind: "variable", value: named && "given" },
    ...[emulatorVariable, ...others].map((name) => ({ name, kind: "variable" as const, value: environment[name] })),
  ];
}
