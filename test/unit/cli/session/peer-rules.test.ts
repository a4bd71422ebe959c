// SPDX-License-Identifier: Apache-2.0
// Whose process is at the other end of a connection: by the kernel's table, and by connections from addresses and ports of all kinds.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server, request as startRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { endianness } from "node:os";
import { findUid, LOOPBACK_HOSTS, ownUid, refusalOf } from "../../../../src/cli/session/peer-rules.js";
import { textOf } from "../../../support/session-stage.js";

const isLinux = process.platform === "linux";
const NOBODY = 65_534;

let server: Server;
let port: number;

async function listen(host: string): Promise<void> {
  server = createServer((request, response) => {
    const refusal = refusalOf(request, { hosts: LOOPBACK_HOSTS, uid: ownUid() });
    response.writeHead(refusal === undefined ? 200 : 403).end(refusal);
  });
  server.listen(0, host);
  await once(server, "listening");
  port = (server.address() as AddressInfo).port; // as: it listens
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function ask(from: object): Promise<string> {
  const request = startRequest({
    host: "127.0.0.1",
    port,
    agent: false,
    headers: { host: "localhost" },
    ...from,
  }).end();
  const [answer] = await once(request, "response");
  return `${answer.statusCode} ${await textOf(answer)}`;
}

describe("the processes of this user", () => {
  it("are served from any loopback address and any port, over IPv4 and mapped to IPv6", async () => {
    await listen("127.0.0.1");
    expect(await ask({})).toBe("200 ");
    if (isLinux) expect(await ask({ localAddress: "127.0.0.2", localPort: port })).toBe("200 ");
    server.close();
    await listen("::ffff:127.0.0.1");
    expect(await ask({})).toBe("200 ");
    expect(await ask({ host: "::ffff:127.0.0.1" })).toBe("200 ");
  });
});

const canBeNobody = isLinux && ownUid() === 0;

/** Asks as another user, from an address and port of the asker's choice. It becomes that user itself, who may not be able to run this Node. */
const ASK = `
process.setgid(${NOBODY});
process.setuid(${NOBODY});
const [port, localAddress, localPort] = process.argv.slice(1);
const from = { localAddress, localPort: Number(localPort) };
const request = require("node:http").get({ host: "127.0.0.1", port, headers: { host: "localhost" }, ...from }, ({ statusCode }) => {
  console.log(statusCode);
  process.exit();
});
request.once("error", ({ code }) => console.log(code));
`;

async function askAsNobody(localAddress: string, localPort: number): Promise<string> {
  const child = spawn(process.execPath, ["-e", ASK, `${port}`, localAddress, `${localPort}`], { cwd: "/" });
  const [[chunk]] = await Promise.all([once(child.stdout, "data"), once(child, "exit")]);
  return String(chunk).trim();
}

describe("a process of another user", () => {
  it(`is refused from the port of the server or of an accepted client on other addresses${canBeNobody ? "" : " (needs root)"}`, async () => {
    if (!canBeNobody) return;
    await listen("127.0.0.1");
    const own = startRequest({ host: "127.0.0.1", port, headers: { host: "localhost", expect: "100-continue" } });
    own.flushHeaders();
    own.once("error", () => undefined);
    const [socket] = await once(own, "socket");
    if (socket.connecting) await once(socket, "connect");
    for (let last = 2; last < 8; last++) {
      for (const from of [port, socket.localPort]) expect(await askAsNobody(`127.0.0.${last}`, from)).toBe("403");
    }
    own.destroy();
  }, 60_000);

  it("is not taken for the server, whose own end has the same ports the other way round", () => {
    const hex = (address: string) => {
      const bytes = Buffer.from(address.split(".").map(Number));
      return (endianness() === "LE" ? bytes.reverse() : bytes).toString("hex").toUpperCase();
    };
    const line = (local: string, remote: string, uid: number) =>
      `   1: ${hex(local)}:1FED ${hex(remote)}:1FED 01 00000000:00000000 00:00000000 00000000  ${uid}        0 1 1 0`;
    const table = [
      "  sl  local_address rem_address",
      line("127.0.0.1", "127.0.0.2", 7),
      line("127.0.0.2", "127.0.0.1", 8),
    ];
    const at = (address: string) => ({ address, port: 0x1fed });
    for (const prefix of ["", "::ffff:"]) {
      expect(findUid(table.join("\n"), at(`${prefix}127.0.0.2`), at("127.0.0.1"))).toBe(8);
      expect(findUid(table.join("\n"), at(`${prefix}127.0.0.1`), at("127.0.0.2"))).toBe(7);
    }
    expect(findUid(table.join("\n"), at("127.0.0.3"), at("127.0.0.1"))).toBeUndefined();
    expect(findUid(table.join("\n"), at("10.0.0.1"), at("127.0.0.1"))).toBeUndefined();
  });
});
