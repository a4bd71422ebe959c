// SPDX-License-Identifier: Apache-2.0
// `iamcreds proxy` as a process: which requests get which token, and which are refused.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, request as startRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { ROBOT } from "../../../support/cli-stage.js";
import { ask, openSessionStage, type SessionStage, textOf } from "../../../support/session-stage.js";

let stage: SessionStage;
beforeEach(async () => {
  stage = await openSessionStage();
});
afterEach(() => stage.close());

describe("proxy", () => {
  let service: Server;
  let seen: {
    method: string | undefined;
    url: string | undefined;
    headers: IncomingMessage["headers"];
    body: string;
  }[];
  let refusals: number;
  let upstream: string;

  beforeEach(async () => {
    seen = [];
    refusals = 0;
    service = createServer(async (request, response) => {
      const { method, url, headers } = request;
      seen.push({ method, url, headers, body: await textOf(request) });
      if (refusals-- > 0) response.writeHead(401).end("no");
      else if (url?.endsWith("/away")) response.writeHead(302, { location: "https://elsewhere.example/" }).end();
      else if (url?.endsWith("/back")) response.writeHead(302, { location: `${upstream}/base/x` }).end();
      else response.writeHead(200, { "x-mine": "yes", connection: "x-hop", "x-hop": "1" }).end("done");
    });
    service.on("upgrade", (request, socket) => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body: "" });
      socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
      socket.pipe(socket);
    });
    service.listen(0, "127.0.0.1");
    await once(service, "listening");
    upstream = `http://127.0.0.1:${(service.address() as AddressInfo).port}`; // as: it listens
  });
  afterEach(async () => {
    service.closeAllConnections();
    service.close();
  });

  const claimsOf = (header: unknown) =>
    JSON.parse(Buffer.from(String(header).split(".")[1] ?? "", "base64url").toString());

  it("adds an ID token for the service's origin, sets Host, pipes the body, and takes hop-by-hop headers away", async () => {
    const { ready } = await stage.start("proxy", `${upstream}/base`, ROBOT, "--listen", "127.0.0.1:0");
    const answer = await fetch(`${ready.url}/x?y=1`, { method: "POST", body: "hello", headers: { "x-own": "1" } });
    expect([answer.status, await answer.text(), answer.headers.get("x-mine"), answer.headers.get("x-hop")]).toEqual([
      200,
      "done",
      "yes",
      null,
    ]);
    const [{ method, url, headers, body } = { method: "", url: "", headers: {}, body: "" }] = seen;
    expect([method, url, body, headers["x-own"], headers.host]).toEqual([
      "POST",
      "/base/x?y=1",
      "hello",
      "1",
      new URL(upstream).host,
    ]);
    expect(claimsOf(headers.authorization)).toMatchObject({ aud: upstream, email: ROBOT });
  });

  it("adds an access token, or another header, when told so", async () => {
    const access = await stage.start("proxy", upstream, ROBOT, "--listen", "127.0.0.1:0", "--token", "access");
    await fetch(access.ready.url);
    expect(await stage.ownerOf(String(seen[0]?.headers.authorization).slice("Bearer ".length))).toBe(
      `serviceAccount:${ROBOT}`,
    );
    const other = await stage.start(
      "proxy",
      upstream,
      ROBOT,
      "--listen",
      "127.0.0.1:0",
      "--header",
      "x-serverless-authorization",
      "--audience",
      "iap",
    );
    await fetch(other.ready.url, { headers: { authorization: "mine" } });
    expect(seen[1]?.headers.authorization).toBe("mine");
    expect(claimsOf(seen[1]?.headers["x-serverless-authorization"]).aud).toBe("iap");
  });

  it("renews a token that the service refuses, once", async () => {
    const { ready } = await stage.start("proxy", upstream, ROBOT, "--listen", "127.0.0.1:0");
    refusals = 1;
    expect((await fetch(ready.url, { method: "POST", body: "x" })).status).toBe(200);
    expect(seen.map(({ body }) => body)).toEqual(["x", "x"]);
    expect(stage.count("GenerateIdToken")).toBe(2);
    refusals = 2;
    expect((await fetch(ready.url)).status).toBe(401);
    expect(seen).toHaveLength(4);
  });

  it("hands redirects back", async () => {
    const { ready } = await stage.start("proxy", `${upstream}/base`, ROBOT, "--listen", "127.0.0.1:0");
    const away = await fetch(`${ready.url}/away`, { redirect: "manual" });
    const back = await fetch(`${ready.url}/back`, { redirect: "manual" });
    expect([away.headers.get("location"), back.headers.get("location")]).toEqual([
      "https://elsewhere.example/",
      "/base/x",
    ]);
    expect(seen).toHaveLength(2);
  });

  it("passes WebSockets, with the token", async () => {
    const { ready } = await stage.start("proxy", upstream, ROBOT, "--listen", "127.0.0.1:0");
    const request = startRequest(ready.url, { headers: { connection: "upgrade", upgrade: "echo" } }).end();
    const [answer, socket] = await once(request, "upgrade");
    expect(answer.statusCode).toBe(101);
    socket.write("ping");
    expect(String((await once(socket, "data"))[0])).toBe("ping");
    socket.destroy();
    expect(seen[0]?.headers.authorization).toMatch(/^Bearer eyJ/);
  });

  it("refuses other hosts and foreign pages, and takes its own", async () => {
    const { ready } = await stage.start("proxy", upstream, ROBOT, "--listen", "127.0.0.1:0");
    const { host } = new URL(ready.url);
    expect((await ask(host, "/", { host: "evil.example" }))[0]).toBe(403);
    expect((await ask(host, "/", { origin: "https://evil.example" }))[0]).toBe(403);
    expect((await ask(host, "/", { origin: `http://${host}` }))[0]).toBe(200);
    expect(seen).toHaveLength(1);
  });
});
