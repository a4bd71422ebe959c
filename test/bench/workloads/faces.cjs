// SPDX-License-Identifier: Apache-2.0
// A client process for one face of the emulator, as lean as Node allows, so that the emulator is what is measured. Takes turns as
// throughput.cjs does. The argument is { face, address }.

const { createSign } = require("node:crypto");
const http = require("node:http");
const { createInterface } = require("node:readline");
const { request } = require("../exchange.cjs");
const { open } = require("../clients/http2.cjs");
const { flood } = require("./flood.cjs");

const MOST_SOCKETS = 64;
const HOUR_SECONDS = 3600;
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

/** A request over one of a few connections that stay open. Gives the JSON of its answer. */
function openHttp(url, method, headers, body) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: MOST_SOCKETS });
  const call = () =>
    new Promise((resolve, reject) => {
      const outgoing = http.request(url, { agent, method, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve(JSON.parse(text)));
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  // Between turns the server closes connections, and a request could cross that: each turn has fresh ones.
  return { call, renew: () => agent.destroy(), close: () => agent.destroy() };
}

/** An assertion that is good for an hour, signed as a service account does. Source: RFC 7523. */
function makeAssertion({ url, account, keyFile }) {
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: account, aud: `${url}/token`, scope: request.scope[0], iat, exp: iat + HOUR_SECONDS };
  const header = { alg: "RS256", typ: "JWT", kid: keyFile.private_key_id };
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createSign("sha256").update(signed).sign(keyFile.private_key, "base64url")}`;
}

const authorizationOf = ({ tokens }) => `Bearer ${tokens.nobody}`;
const openGrpc = (address) => open({ target: address.host, ca: address.ca, authorization: authorizationOf(address) });

const faces = {
  grpc: openGrpc,
  "grpc, tls": openGrpc,
  rest: (address) => {
    const headers = { authorization: authorizationOf(address), "content-type": "application/json" };
    const body = JSON.stringify({ scope: request.scope });
    return openHttp(`${address.url}/v1/${request.name}:generateAccessToken`, "POST", headers, body);
  },
  "rest, signBlob": (address) => {
    const headers = { authorization: authorizationOf(address), "content-type": "application/json" };
    const body = JSON.stringify({ payload: Buffer.alloc(64, 7).toString("base64") });
    return openHttp(`${address.url}/v1/${request.name}:signBlob`, "POST", headers, body);
  },
  "token endpoint": (address) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams({ grant_type: GRANT, assertion: makeAssertion(address) }).toString();
    return openHttp(`${address.url}/token`, "POST", headers, body);
  },
  "metadata server": (address) => {
    const path = "/computeMetadata/v1/instance/service-accounts/default/token";
    return openHttp(address.url + path, "GET", { "metadata-flavor": "Google" });
  },
};

const isRight = (reply) => Boolean(reply.accessToken ?? reply.access_token ?? reply.signedBlob);

async function main({ face, address }) {
  const client = faces[face](address);
  for await (const line of createInterface({ input: process.stdin })) {
    const { inFlight, ...limits } = JSON.parse(line);
    client.renew?.();
    await flood(client.call, inFlight, { calls: inFlight }, isRight);
    say(await flood(client.call, inFlight, limits, isRight));
  }
  client.close();
  say({});
}

main(JSON.parse(process.argv[2]));
