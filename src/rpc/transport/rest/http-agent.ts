// SPDX-License-Identifier: Apache-2.0
// The undici agent for what fetch cannot do alone: a client certificate, own roots, a proxy. The only file that loads undici.

import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { Agent, buildConnector } from "undici";
import {
  type ClientCertSource,
  type LoadedCertificate,
  loadClientCertificate,
} from "../../../base/client-certificate.js";

/** What asks for an agent. */
export interface HttpAgentSettings {
  /** Asked for every new connection, so that a renewed certificate is used. */
  readonly clientCertSource?: ClientCertSource | undefined;
  /** PEM certificates to trust instead of the built-in roots. */
  readonly rootCertificates?: string | Uint8Array | undefined;
  /** URL of an HTTP proxy, through which connections are tunneled with CONNECT. */
  readonly proxyUrl?: string | undefined;
}

/** How long a connection may take to be made; attempts are cut by their own time before or after. */
const CONNECT_TIMEOUT_MS = 10_000;

/** An agent and its end. */
export interface HttpAgent {
  /** For `fetch`; another one after a renewal. */
  readonly dispatcher: object;
  /** Why the certificate source gave nothing when it was last asked; `undefined`: it did. `fetch` does not hand it on. */
  readonly certificateError: unknown;
  /**
   * Asks the certificate source again. If it gives another certificate than the last connection presented, requests from now on go
   * over fresh connections, and those under way end on the old ones. Resolves to whether it did.
   */
  renew(): Promise<boolean>;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Whether fetch alone does not do. */
export function isAgentNeeded({ clientCertSource, rootCertificates, proxyUrl }: HttpAgentSettings): boolean {
  return clientCertSource !== undefined || rootCertificates !== undefined || proxyUrl !== undefined;
}

/** Makes an agent. It connects when it is used. */
export function openHttpAgent(settings: HttpAgentSettings): HttpAgent {
  // require, not import: most programs never need it.
  const undici = require("undici") as typeof import("undici");
  const connecting = new Set<Socket>();
  const agents = new Set<Agent>();
  let certificateError: unknown;
  let presented: string | undefined;
  const certify = async (): Promise<LoadedCertificate | undefined> => {
    certificateError = undefined;
    try {
      return settings.clientCertSource && (await loadClientCertificate(settings.clientCertSource));
    } catch (error) {
      certificateError = error;
      throw error;
    }
  };
  const present = async (): Promise<LoadedCertificate | undefined> => {
    const certificate = await certify();
    presented = certificate?.fingerprint;
    return certificate;
  };
  const openAgent = (): Agent => {
    const opened: Agent = new undici.Agent({
      // An attempt has a time of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        connect(undici.buildConnector, settings, present, options, connecting).then(
          (socket) => callback(null, socket),
          (error: Error) => callback(error, null),
        );
      },
    });
    agents.add(opened);
    return opened;
  };
  let agent = openAgent();
  return {
    get dispatcher() {
      return agent;
    },
    renew: async () => {
      const before = presented;
      const certificate = await certify();
      if (certificate === undefined || certificate.fingerprint === before) return false;
      const old = agent;
      agent = openAgent();
      void old.close().then(() => agents.delete(old));
      return true;
    },
    get certificateError() {
      return certificateError;
    },
    close: async () => {
      for (const socket of connecting) socket.destroy();
      await Promise.all(Array.from(agents, (each) => each.destroy()));
    },
  };
}

async function connect(
  build: typeof buildConnector,
  { rootCertificates, proxyUrl }: HttpAgentSettings,
  certify: () => Promise<LoadedCertificate | undefined>,
  options: buildConnector.Options,
  connecting: Set<Socket>,
): Promise<Socket> {
  const certificate = await certify();
  const tunnel = proxyUrl === undefined ? undefined : await openTunnel(proxyUrl, options, connecting);
  if (tunnel !== undefined && options.protocol !== "https:") return tunnel;
  const connector = build({
    timeout: CONNECT_TIMEOUT_MS,
    ...(rootCertificates === undefined ? {} : { ca: Buffer.from(rootCertificates) }),
    ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }),
  });
  return new Promise((resolve, reject) => {
    const target = tunnel === undefined ? options : { ...options, httpSocket: tunnel };
    // as: undici's connector returns the socket that it begins to connect, which its types do not say.
    const socket = connector(target, (error, connected) => {
      connecting.delete(socket);
      if (error === null) resolve(connected);
      else reject(error);
    }) as unknown as Socket;
    connecting.add(socket);
  });
}

/** A connection through the proxy, as RFC 9110 section 9.3.6 has it. */
function openTunnel(proxyUrl: string, { hostname, port, protocol }: buildConnector.Options, connecting: Set<Socket>) {
  const proxy = new URL(proxyUrl);
  const authority = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
  const { username, password } = proxy;
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  const requestOptions: RequestOptions = {
    host: proxy.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...(username === "" ? {} : { "proxy-authorization": `Basic ${basic}` }) },
    agent: false,
    timeout: CONNECT_TIMEOUT_MS,
  };
  return new Promise<Socket>((resolve, reject) => {
    const request = (proxy.protocol === "https:" ? httpsRequest : httpRequest)(requestOptions);
    request.once("socket", (socket) => {
      connecting.add(socket);
      socket.once("close", () => connecting.delete(socket));
    });
    request.once("connect", ({ statusCode }, socket: Socket) => {
      connecting.delete(socket);
      if (statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new Error(`the proxy ${proxy.host} answered CONNECT ${authority} with HTTP ${statusCode}`));
      }
    });
    request.once("timeout", () => request.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
    request.once("error", reject);
    request.end();
  });
}
