// SPDX-License-Identifier: Apache-2.0
// Row 2: where would the call go, and through what? The choice of the endpoint, and one connection made as a call would make it.

import type { CauseId } from "../../base/causes/classify.js";
import { dial } from "../../base/socket/dial.js";
import { DialError } from "../../base/socket/dial-error.js";
import { proxyRouteFrom } from "../../base/socket/proxy-route.js";
import { resolveProxy } from "../../base/socket/resolve-proxy.js";
import { TlsIdentity } from "../../base/socket/tls-identity.js";
import { explainEndpoint } from "../../iam-credentials/endpoint.js";
import type { Facts } from "../facts/facts.js";
import { messageOf } from "../facts/facts.js";
import { findCause, findOk, findUnknown, type StepFinding } from "../facts/finding.js";
import type { Means } from "../facts/means.js";
import type { Step } from "../facts/step.js";

/** Google's addresses for calls from private networks. Source: "Configure Private Google Access". */
const PRIVATE: readonly (readonly [prefix: RegExp, name: string])[] = [
  [/^199\.36\.153\.(8|9|10|11)$/, "private.googleapis.com"],
  [/^199\.36\.153\.(4|5|6|7)$/, "restricted.googleapis.com"],
];
/** The issuers of Google's own certificates. */
const PUBLIC_ISSUER = /Google Trust Services|GlobalSign/;

const SHOWN: readonly CauseId[] = [
  "host-unresolved",
  "host-unreachable",
  "certificate-untrusted",
  "proxy-refused",
  "http2-unavailable",
];

/** Row 2. */
export const route: Step = {
  id: "route",
  question: "Where would the call go, and through what?",
  needs: [],
  isOffline: true,
  async run(facts, means) {
    const { transport, channel, ...endpointOptions } = means.options;
    const explained = explainEndpoint(endpointOptions);
    facts.endpoint = explained;
    const { target, because, error, apiEndpoint } = explained;
    const evidence = [`${apiEndpoint ?? "no endpoint"}, because ${because}`];
    const source = "explainEndpoint";
    if (target === undefined) {
      const certificate = /certificate/i.test(error?.message ?? "");
      if (certificate) return [findCause("certificate-missing", { detail: error?.message }, { source, evidence })];
      return [findCause("environment-contradictory", { detail: error?.message ?? because }, { source, evidence })];
    }
    if (facts.isMachineTaken) {
      return [facts.findShown(SHOWN) ?? findOk(`calls would go to ${target}`, { source, evidence })];
    }
    return [await connect(facts, means, { target, isInsecure: explained.isInsecure, evidence })];
  },
};

interface Route {
  readonly target: string;
  readonly isInsecure: boolean;
  readonly evidence: readonly string[];
}

async function connect(facts: Facts, means: Means, { target, isInsecure, evidence }: Route): Promise<StepFinding> {
  const { host, port } = splitTarget(target);
  const source = "a connection";
  const told = [...evidence];
  try {
    const { rootCertificates, transport } = means.options;
    const identity = new TlsIdentity({ rootCertificates });
    const question = { host, port, isPlain: isInsecure, isGrpc: transport !== "rest" };
    const chosen = resolveProxy(question, means.environment);
    const proxy = chosen && proxyRouteFrom(chosen.url, identity);
    if (proxy !== undefined) told.push(`through the proxy ${proxy.host}:${proxy.port}, by ${chosen?.variable}`);
    const tls = isInsecure ? undefined : identity;
    const protocol = !isInsecure && means.options.transport !== "rest" ? "h2" : undefined;
    const { clock, signal, timeoutMs } = means;
    const socket = await dial({ host, port, tls, protocol, proxy }, { clock, signal, timeoutMs });
    told.push(...describeSocket(socket));
    socket.destroy();
    return findOk(`${target} accepts connections`, { source, evidence: told });
  } catch (error) {
    facts.options.signal?.throwIfAborted();
    return explainDialError(error, target, [...told, messageOf(error)]);
  }
}

function describeSocket(socket: Awaited<ReturnType<typeof dial>>): string[] {
  const address = socket.remoteAddress ?? "";
  const name = PRIVATE.find(([range]) => range.test(address))?.[1];
  const issuer = "getPeerCertificate" in socket ? socket.getPeerCertificate().issuer?.O : undefined;
  return [
    `connected to ${address}${name === undefined ? "" : `, which is ${name}`}`,
    ...(issuer === undefined || PUBLIC_ISSUER.test(String(issuer)) ? [] : [`its certificate was issued by ${issuer}`]),
  ];
}

function explainDialError(error: unknown, target: string, evidence: readonly string[]): StepFinding {
  const ground = { source: "a connection", evidence };
  if (!(error instanceof DialError)) return findUnknown("no connection could be made", ground);
  const detail = error.isProxy ? "the proxy" : target;
  if (error.step === "lookup") return findCause("host-unresolved", { detail }, ground);
  if (error.step === "tunnel") return findCause("proxy-refused", { detail: "the proxy" }, ground);
  if (error.step === "protocol" || error.code.endsWith("NO_APPLICATION_PROTOCOL"))
    return findCause("http2-unavailable", {}, ground);
  if (error.step === "connect") return findCause("host-unreachable", { detail }, ground);
  if (/^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_TLS_CERT)/.test(error.code)) {
    return findCause("certificate-untrusted", { detail: error.code }, ground);
  }
  return findUnknown("the TLS handshake failed", ground);
}

function splitTarget(target: string): { host: string; port: number } {
  const colon = target.lastIndexOf(":");
  return { host: target.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(target.slice(colon + 1)) };
}
