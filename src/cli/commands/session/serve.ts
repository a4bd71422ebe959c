// SPDX-License-Identifier: Apache-2.0
// `iamcreds serve`: a metadata server of impersonated identities, one minter for all processes of a machine or a compose file.

import { chmodSync } from "node:fs";
import { VERSION } from "../../../base/version.js";
import type { Host } from "../../host/host.js";
import { type ExitCode, UsageError } from "../../host/output.js";
import { explainListen, parseListen, waitForEnd } from "../../session/listen-address.js";
import type { Minter } from "../../session/minter.js";
import { openMinter, projectOf } from "../../session/open-minter.js";
import { LOOPBACK_HOSTS, ownUid, type PeerRules } from "../../session/peer-rules.js";
import { type ListenAt, type SessionServer, startSessionServer } from "../../session/session-server.js";
import { type Caller, readTarget, type Target, withCaller } from "../../source/caller.js";
import type { Command, Given } from "../../table/command.js";
import { account } from "../auth/token-flags.js";

const DEFAULT_LISTEN = "127.0.0.1:8173";
const UNIVERSE = "googleapis.com";
/** What containers call a metadata server, and the machine that they run on. */
const CONTAINER_HOSTS = ["metadata.google.internal", "metadata", "169.254.169.254", "host.docker.internal"];

/** The accounts by the names used in requests; the first one named is the default. */
function readAccounts(given: Given): ReadonlyMap<string, Target> {
  const accounts = new Map<string, Target>();
  const first = readTarget(given, given.positionals[0]);
  if (first !== undefined) accounts.set("default", first);
  for (const text of given.list("account")) {
    const end = text.indexOf("=");
    const [name, email] = end < 0 ? [text, text] : [text.slice(0, end), text.slice(end + 1)];
    if (email === "" || name === "")
      throw new UsageError(`--account must be SA or NAME=SA, not ${JSON.stringify(text)}`);
    accounts.set(name, { account: email, delegates: first?.delegates ?? [] });
  }
  const [default_] = accounts.values();
  if (default_ === undefined)
    throw new UsageError("name a service account, as SA or with --impersonate-service-account or --account");
  if (!accounts.has("default")) accounts.set("default", default_);
  return accounts;
}

function openMinters(given: Given, host: Host, caller: Caller): ReadonlyMap<string, Minter> {
  const byAccount = new Map<string, Minter>();
  const byName = new Map<string, Minter>();
  for (const [name, target] of readAccounts(given)) {
    const minter = byAccount.get(target.account) ?? openMinter(target, given, host, caller);
    byAccount.set(target.account, minter);
    byName.set(name, minter);
    byName.set(minter.account, minter);
  }
  return byName;
}

function rulesOf(given: Given, at: ListenAt): PeerRules {
  const isOpen = given.has("allow-container-network");
  const own = "host" in at && !["0.0.0.0", "::"].includes(at.host) ? [at.host] : [];
  const hosts = [...LOOPBACK_HOSTS, ...own, ...given.list("allow-host"), ...(isOpen ? CONTAINER_HOSTS : [])];
  return { hosts, uid: isOpen ? undefined : ownUid() };
}

/** What Prometheus reads. Source: its text exposition format. */
function formatMetrics(minters: ReadonlyMap<string, Minter>, now: number): string {
  const all = [...new Set(minters.values())];
  const metric = (name: string, type: string, value: (minter: Minter) => number) => [
    `# TYPE iamcreds_${name} ${type}`,
    ...all.map((minter) => `iamcreds_${name}{account=${JSON.stringify(minter.account)}} ${value(minter)}`),
  ];
  return [
    ...metric("mints_total", "counter", ({ counts }) => counts.mints),
    ...metric("cache_hits_total", "counter", ({ counts }) => counts.hits),
    ...metric("failures_total", "counter", ({ counts }) => counts.failures),
    ...metric("token_expiry_seconds", "gauge", ({ expiresAt }) => Math.round(((expiresAt ?? now) - now) / 1000)),
  ].join("\n");
}

function tellReady(given: Given, host: Host, { host: place }: SessionServer, accounts: readonly string[]): void {
  const isSocket = place.startsWith("/");
  const environment = isSocket
    ? {}
    : {
        GCE_METADATA_HOST: place,
        GCE_METADATA_IP: place,
        GCE_METADATA_ROOT: place,
        METADATA_SERVER_DETECTION: "assume-present",
      };
  if (given.has("json")) {
    host.print(
      `${JSON.stringify({ event: "ready", version: VERSION, pid: process.pid, host: place, accounts, environment })}\n`,
    );
    return;
  }
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${value}\n`);
  host.print(`# iamcreds serve ${VERSION} is ready: ${isSocket ? "" : "http://"}${place}\n${exports.join("")}`);
}

const listenText = (given: Given): string => given.text("listen") ?? DEFAULT_LISTEN;

async function start(
  given: Given,
  host: Host,
  at: ListenAt,
  minters: ReadonlyMap<string, Minter>,
): Promise<SessionServer> {
  const projectId = projectOf(given, minters.get("default")?.account ?? "");
  const universeDomain = given.text("universe-domain") ?? UNIVERSE;
  const metrics = given.has("metrics") ? () => formatMetrics(minters, host.clock.wallNow()) : undefined;
  const identity = { accounts: minters, projectId, universeDomain, clock: host.clock };
  const umask = process.umask(0o177); // only its owner can use the socket, from the start
  try {
    const server = await startSessionServer({ identity, metrics, rules: rulesOf(given, at) }, at);
    if ("path" in at) chmodSync(at.path, 0o600);
    return server;
  } catch (error) {
    throw explainListen(error, listenText(given));
  } finally {
    process.umask(umask);
  }
}

async function serve(given: Given, host: Host, caller: Caller): Promise<ExitCode> {
  const at = parseListen(listenText(given), given.has("allow-container-network"));
  const minters = openMinters(given, host, caller);
  const all = [...new Set(minters.values())];
  const ended = waitForEnd(() => {
    for (const minter of all) minter.drop();
  });
  // A caller that may not act as an account learns so now.
  for (const minter of all) await minter.accessToken(undefined);
  const server = await start(given, host, at, minters);
  tellReady(
    given,
    host,
    server,
    all.map((minter) => minter.account),
  );
  const signal = await ended;
  await server.close();
  host.print(given.has("json") ? `${JSON.stringify({ event: "closed", signal })}\n` : `# closed by ${signal}\n`);
  return 0;
}

/** `iamcreds serve`. */
export const serveCommand: Command = {
  text: `Serves access tokens and ID tokens for SA the way a Google Cloud metadata server does, until SIGINT or SIGTERM. A token is
minted once for all clients, and renewed in time. A shell can evaluate what it prints once it is ready. SIGHUP drops all tokens.

On Linux only processes of the same user are served; on other systems any user of the machine is.`,
  positionals: [account],
  flags: {
    Options: {
      listen: { value: "HOST:PORT|unix:PATH", text: `address to listen on; default: ${DEFAULT_LISTEN}` },
      account: {
        value: "[NAME=]SA",
        isList: true,
        isAccount: true,
        text: "another account to serve, under its e-mail address or NAME;\ndefault=SA sets the one used when a request names none",
      },
      "allow-container-network": {
        text: "accept requests from other machines and users: anyone who can reach it\ngets tokens",
      },
      "allow-host": { value: "name", isList: true, text: "another host name that clients use for it" },
      metrics: { text: "serve Prometheus metrics at /metrics" },
      json: { text: "report readiness and shutdown as lines of JSON" },
    },
  },
  run: (given, host) => withCaller(given, host, (caller) => serve(given, host, caller), Number.POSITIVE_INFINITY),
};
