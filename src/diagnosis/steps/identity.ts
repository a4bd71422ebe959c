// SPDX-License-Identifier: Apache-2.0
// Row 3: who am I? Where the credentials are from, whether they give a token, and whose that is according to tokeninfo.

import { memberOfEmail } from "../../auth/files/credentials-summary.js";
import type { CauseId } from "../../base/causes/classify.js";
import { parseJsonObject } from "../../base/http/http-message.js";
import { maskSecrets } from "../../base/secrets/secret-text.js";
import { type Facts, messageOf, type TokenFacts } from "../facts/facts.js";
import { findCause, findOk, findUnknown, fromExplanation, type StepFinding } from "../facts/finding.js";
import type { Means } from "../facts/means.js";
import { isKeyPublished } from "../facts/signing-key.js";
import type { Step } from "../facts/step.js";
import { tryCall } from "../facts/trial.js";

/** What the call's own refusal can say about the credentials. */
const SHOWN: readonly CauseId[] = [
  "credentials-missing",
  "login-expired",
  "key-refused",
  "token-expired",
  "token-refused",
  "exchange-throttled",
];

/** Row 3. */
export const identity: Step = {
  id: "identity",
  question: "Who am I?",
  needs: ["route"],
  isOffline: true,
  async run(facts, means) {
    const explained = await means.explainCredentials(facts.options.offline !== true);
    facts.credentials = explained;
    const evidence = describePlaces(facts);
    const source = "explainCredentials";
    if (explained.error !== undefined) {
      return [findCause("credentials-missing", {}, { source, evidence: [...evidence, messageOf(explained.error)] })];
    }
    facts.caller ??= memberOfEmail(explained.taken?.account);
    if (facts.options.offline === true) {
      return [facts.findShown(SHOWN) ?? findUnknown(nameTaken(facts), { source, evidence })];
    }
    const found = await askForToken(facts, means, evidence);
    if (found.state === "cause" || facts.target === undefined) return [facts.findShown(SHOWN) ?? found];
    // The call itself tells whether the service takes the token; the rows below read its answer.
    await tryCall(facts, means);
    return [facts.findShown(SHOWN) ?? found];
  },
};

function describePlaces({ credentials }: Facts): string[] {
  const places = (credentials?.places ?? []).filter(({ state }) => state !== "absent" && state !== "notAsked");
  return places.map(({ name, at, state, found, problem }) => {
    const where = at === undefined ? name : `${name} (${at})`;
    const what = [found?.type, found?.account, found?.quotaProjectId && `quota project ${found.quotaProjectId}`];
    return `${where}: ${state}, ${problem ?? what.filter(Boolean).join(", ")}`;
  });
}

function nameTaken({ credentials }: Facts): string {
  const { type, account } = credentials?.taken ?? {};
  return type === undefined ? "no credentials were found without the network" : `${type} ${account ?? ""}`.trim();
}

async function askForToken(facts: Facts, means: Means, evidence: readonly string[]): Promise<StepFinding> {
  const ground = { source: "the credentials", evidence };
  try {
    facts.token = await means.token();
  } catch (error) {
    facts.options.signal?.throwIfAborted();
    const told = { ...ground, evidence: [...evidence, messageOf(error)] };
    const why = facts.explain(error);
    return why === undefined ? findUnknown("the credentials do not return a token", told) : fromExplanation(why, told);
  }
  const { taken } = facts.credentials ?? {};
  if (facts.token === undefined)
    return findOk(`calls are authorized without a token: ${taken?.type ?? "no credentials"}`, ground);
  if (taken?.type === "emulator_owner") return findOk("the emulator's owner, which may do everything", ground);
  const isPublished = await isKeyPublished(facts, means);
  if (isPublished !== undefined) return judgeKey(facts, isPublished, evidence);
  const asked = await askTokenInfo(facts, means);
  if (isFederated(facts) && (asked === "refused" || (asked !== "silent" && asked.email === undefined)))
    return judgeFederated(facts, await introspect(facts, means), evidence);
  return judge(facts, asked, evidence);
}

/** A key file's own signature authorizes the calls: tokeninfo knows nothing of it. */
function judgeKey(facts: Facts, isPublished: boolean, evidence: readonly string[]): StepFinding {
  const { account } = facts.credentials?.taken ?? {};
  const ground = { source: "the published keys", evidence };
  if (!isPublished) return findCause("key-refused", { account }, ground);
  return findOk(`${facts.caller}, by a JWT signed with its own key`, ground);
}

/** What tokeninfo says: by POST, since a URL is logged on its way. */
async function askTokenInfo(facts: Facts, means: Means): Promise<TokenFacts | "refused" | "silent"> {
  try {
    const answer = await means.http({ url: means.urls.tokenInfo, form: { access_token: facts.token ?? "" } });
    const told = parseJsonObject(answer.text) ?? {};
    if (answer.status !== 200) return answer.status === 400 || answer.status === 401 ? "refused" : "silent";
    const text = (name: string): string | undefined => {
      const value = told[name];
      return typeof value === "string" && value !== "" ? maskSecrets(value) : undefined;
    };
    return {
      email: text("email"),
      clientId: text("azp") ?? text("sub"),
      scopes: (text("scope") ?? "").split(" ").filter((scope) => scope !== ""),
    };
  } catch {
    facts.options.signal?.throwIfAborted();
    return "silent";
  }
}

/** Whether the token is one of a workload or workforce pool, which tokeninfo does not know. */
function isFederated({ credentials }: Facts): boolean {
  return credentials?.taken?.type === "external_account";
}

/** What STS says about a token of a pool (RFC 7662). Google's STS needs the OAuth client of some tokens: then it says nothing. */
async function introspect(facts: Facts, means: Means): Promise<TokenFacts | "refused" | "silent"> {
  try {
    const answer = await means.http({ url: means.urls.introspect, form: { token: facts.token ?? "" } });
    const { active, username, scope, client_id: clientId } = parseJsonObject(answer.text) ?? {};
    if (answer.status !== 200 || typeof active !== "boolean") return "silent";
    if (!active) return "refused";
    const text = (value: unknown) => (typeof value === "string" && value !== "" ? maskSecrets(value) : undefined);
    const scopes = (text(scope) ?? "").split(" ").filter((each) => each !== "");
    return { email: text(username), clientId: text(clientId), scopes };
  } catch {
    facts.options.signal?.throwIfAborted();
    return "silent";
  }
}

function judgeFederated(
  facts: Facts,
  asked: TokenFacts | "refused" | "silent",
  evidence: readonly string[],
): StepFinding {
  const ground = { source: "STS introspect", evidence };
  if (asked === "refused") return findCause("token-refused", {}, ground);
  const text = "a token from a workload or workforce pool";
  if (asked === "silent")
    return facts.caller === undefined ? findUnknown(text, ground) : findOk(`${facts.caller}, by ${text}`, ground);
  facts.tokenFacts = asked;
  const told = { ...ground, evidence: [...evidence, `scopes: ${asked.scopes.join(" ")}`] };
  const name = /^principal:/.test(asked.email ?? "") ? asked.email : memberOfEmail(asked.email);
  facts.caller ??= name;
  return name === undefined ? findUnknown(text, told) : findOk(`${name}, by ${text}`, told);
}

function judge(facts: Facts, asked: TokenFacts | "refused" | "silent", evidence: readonly string[]): StepFinding {
  const ground = { source: "tokeninfo", evidence };
  if (asked === "refused") {
    // A token that the service takes is good whatever tokeninfo says.
    return findUnknown("tokeninfo does not know the token", ground);
  }
  if (asked === "silent") return findUnknown("there is a token, but tokeninfo did not say whose it is", ground);
  facts.tokenFacts = asked;
  const member = memberOfEmail(asked.email);
  const wanted = facts.options.caller;
  const told = { ...ground, evidence: [...evidence, `scopes: ${asked.scopes.join(" ")}`] };
  if (member === undefined) {
    const name = facts.caller === undefined ? "" : `, assumed to be ${facts.caller}`;
    return findOk(
      `user unknown, client ID ${asked.clientId ?? "unknown"}${name}: the token lacks the e-mail scope`,
      told,
    );
  }
  if (wanted !== undefined && wanted.toLowerCase() !== member.toLowerCase()) {
    return findCause("credentials-unexpected", { caller: wanted, detail: member }, told);
  }
  facts.caller = member;
  return findOk(member, told);
}
