// SPDX-License-Identifier: Apache-2.0
// `iamcreds proxy`: a port on this machine that passes requests on to a service with a token of a service account.

import { VERSION } from "../../../base/version.js";
import type { Host } from "../../host/host.js";
import { type ExitCode, UsageError } from "../../host/output.js";
import { explainListen, parseListen, waitForEnd } from "../../session/listen-address.js";
import { openMinter } from "../../session/open-minter.js";
import { LOOPBACK_HOSTS, ownUid } from "../../session/peer-rules.js";
import { type ProxySettings, startProxy } from "../../session/proxy-server.js";
import { type Caller, requireTarget, withCaller } from "../../source/caller.js";
import type { Command, Given } from "../../table/command.js";
import { account } from "../auth/token-flags.js";

const DEFAULT_LISTEN = "127.0.0.1:8080";
const KINDS = ["id", "access"];

function parseUpstream(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new UsageError(
      `URL must be that of a service, such as https://my-service.a.run.app, not ${JSON.stringify(text)}`,
    );
  }
  if (url.protocol === "http:" && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)) {
    throw new UsageError("URL: a token would be sent to another machine over a plain connection; use https");
  }
  return url;
}

function readListen(given: Given): { host: string; port: number } {
  const at = parseListen(given.text("listen") ?? DEFAULT_LISTEN, given.list("allow-host").length > 0);
  if ("path" in at) throw new UsageError("--listen must be HOST:PORT");
  return at;
}

async function run(given: Given, host: Host, caller: Caller, upstream: URL): Promise<ExitCode> {
  const at = readListen(given);
  const minter = openMinter(requireTarget(given, given.positionals[1]), given, host, caller);
  const audience = given.text("audiences") ?? upstream.origin;
  const isAccess = given.text("token") === "access";
  const token = async () => (isAccess ? await minter.accessToken(undefined) : await minter.idToken(audience)).value;
  const ended = waitForEnd(() => minter.drop());
  await token(); // a caller that may not act as the account learns so now
  const settings: ProxySettings = {
    upstream,
    header: (given.text("header") ?? "authorization").toLowerCase(),
    rules: {
      hosts: [...LOOPBACK_HOSTS, ...given.list("allow-host")],
      uid: given.list("allow-host").length > 0 ? undefined : ownUid(),
      isForPages: true,
    },
    clock: host.clock,
    token,
    dropToken: () => minter.drop(),
  };
  const server = await startProxy(settings, at).catch((error: unknown) => {
    throw explainListen(error, `${at.host}:${at.port}`);
  });
  const { href } = upstream;
  const ready = {
    event: "ready",
    version: VERSION,
    pid: process.pid,
    url: `http://${server.host}`,
    upstream: href,
    account: minter.account,
  };
  host.print(
    given.has("json") ? `${JSON.stringify(ready)}\n` : `# http://${server.host} is ${href} as ${minter.account}\n`,
  );
  const signal = await ended;
  await server.close();
  host.print(given.has("json") ? `${JSON.stringify({ event: "closed", signal })}\n` : `# closed by ${signal}\n`);
  return 0;
}

/** `iamcreds proxy`. */
export const proxyCommand: Command = {
  text: `Forwards requests to a service with an ID token for SA (Cloud Run, IAP) or an access token, until SIGINT or SIGTERM. Streams bodies,
supports WebSockets, and returns redirects without following them. If the service answers 401, the token is renewed once.`,
  positionals: [{ name: "URL" }, account],
  flags: {
    Options: {
      listen: { value: "HOST:PORT", text: `address to listen on; default: ${DEFAULT_LISTEN}` },
      token: { value: KINDS.join("|"), values: KINDS, text: "kind of token; default: id" },
      audiences: {
        value: "A",
        aliases: ["audience"],
        text: "audience of the ID token; for IAP, its OAuth client ID; default: the origin of URL",
      },
      header: {
        value: "name",
        text: "header that carries the token, such as x-serverless-authorization;\ndefault: authorization",
      },
      "allow-host": {
        value: "name",
        isList: true,
        text: "another host name that clients use for the proxy; allows it to listen on\nany address and to serve all users",
      },
      json: { text: "report readiness and shutdown as lines of JSON" },
    },
  },
  run(given, host) {
    const upstream = parseUpstream(given.positionals[0] ?? "");
    return withCaller(given, host, (caller) => run(given, host, caller, upstream), Number.POSITIVE_INFINITY);
  },
};
