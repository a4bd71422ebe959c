// SPDX-License-Identifier: Apache-2.0
// Where an emulator listens: ports of single faces, addresses that other machines reach, and names that are Google's.

import { X509Certificate } from "node:crypto";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "@jest/globals";
import { IAMCredentialsService as rows } from "../../../../generated/google/iam/credentials/v1/iamcredentials.js";
import { type EmulatorOptions, startEmulator } from "../../../../src/emulator/index.js";
import { isLoopbackAddress, resolveListening } from "../../../../src/emulator/ports/listening.js";
import { createServerIdentity } from "../../../../src/emulator/x509/server-identity.js";
import { createCertificateAuthority } from "../../../support/certificate-authority.js";
import { type ChildResult, runProgram } from "../../../support/child-program.js";
import { waitUntil } from "../../../support/wait-until.js";
import { BareClient } from "../bare-client.js";
import { nameOf, TARGET } from "../stage.js";

const REQUEST = { name: nameOf(TARGET), delegates: [], payload: Buffer.from("x") };
const wrong = (options: unknown) => options as EmulatorOptions; // what TypeScript would not let through

async function isSignedAt(host: string): Promise<boolean> {
  const client = new BareClient(host);
  try {
    return (await client.call(rows.signBlob, REQUEST, { token: "owner" })).signedBlob.length === 256;
  } finally {
    client.close();
  }
}

/** What a server says to bytes until it closes; empty when it says nothing. */
function answerTo(host: string, bytes: string): Promise<string> {
  const [, address = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(host) ?? [];
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(port), address, () => socket.write(bytes));
    socket.setEncoding("latin1").on("data", (text) => {
      answer += text;
    });
    socket.on("error", () => {}).once("close", () => resolve(answer));
  });
}

/** Starts an emulator in a process of its own: warnings of one inside Jest are not told to its tests. */
function listen(options: EmulatorOptions): Promise<ChildResult> {
  return runProgram("test/unit/emulator/programs/listens.ts", { EMULATOR_OPTIONS: JSON.stringify(options) });
}

describe("ports of single faces", () => {
  test("serve their face and no other, beside the one port, which serves all", async () => {
    await using emulator = await startEmulator({
      serviceAccounts: [TARGET],
      ports: { grpc: 0, http: 0, metadataServer: 0 },
    });
    const { grpc, http, metadataServer } = emulator.hosts;
    expect(new Set([emulator.host, grpc, http, metadataServer]).size).toBe(4);
    expect(emulator.metadataServerHost).toBe(metadataServer);
    expect([await isSignedAt(grpc), await isSignedAt(emulator.host)]).toEqual([true, true]);
    expect(await answerTo(grpc, "GET / HTTP/1.1\r\nhost: x\r\n\r\n")).toBe("");
    expect(await answerTo(http, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).toBe("");

    const flavor = { "metadata-flavor": "Google" };
    const get = async (host: string, path: string) =>
      (await fetch(`http://${host}${path}`, { headers: flavor })).status;
    for (const host of [emulator.host, http]) {
      expect(await get(host, "/emulator/v1/calls")).toBe(200);
      expect(await get(host, "/computeMetadata/v1/instance/id")).toBe(200);
    }
    expect(await get(metadataServer, "/computeMetadata/v1/instance/id")).toBe(200);
    expect(await get(metadataServer, "/")).toBe(200);
    const elsewhere = ["/emulator/v1/calls", "/token", "/oauth2/v3/certs", `/v1/${nameOf(TARGET)}`];
    for (const path of elsewhere) expect([path, await get(metadataServer, path)]).toEqual([path, 404]);
  });

  test("speak TLS as the one port does, but the metadata server's speaks none, as its clients expect", async () => {
    await using emulator = await startEmulator({ tls: true, ports: { grpc: 0, http: 0, metadataServer: 0 } });
    const { caCertificate: ca = "", hosts } = emulator;
    const agree = (host: string, protocols: string[]) =>
      new Promise<string | false | null>((resolve, reject) => {
        const port = Number(host.split(":")[1]);
        const socket = connectTls({ port, host: "127.0.0.1", ca, ALPNProtocols: protocols }, () => {
          resolve(socket.alpnProtocol);
          socket.destroy();
        });
        socket.on("error", reject);
      });
    expect(await agree(hosts.grpc, ["http/1.1", "h2"])).toBe("h2");
    expect(await agree(hosts.http, ["h2", "http/1.1"])).toBe("http/1.1");
    await expect(agree(hosts.http, ["h2"])).rejects.toThrow("no application protocol");
    const response = await fetch(`http://${hosts.metadataServer}/`, { headers: { "metadata-flavor": "Google" } });
    expect(response.headers.get("metadata-flavor")).toBe("Google");
  });

  test("are all closed when one of them can't be had", async () => {
    await using taken = await startEmulator();
    const port = Number(taken.host.split(":")[1]);
    const servers = () => process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
    const before = servers();
    await expect(startEmulator({ ports: { grpc: 0, metadataServer: port } })).rejects.toThrow(
      expect.objectContaining({ code: "EADDRINUSE", port }),
    );
    await waitUntil("the other ports are closed", () => servers() <= before);
  });

  test.each<[EmulatorOptions, string]>([
    [wrong({ ports: 8080 }), "ports must be an object"],
    [{ ports: { grpc: -1 } }, "ports.grpc must be an integer from 0 to 65535, not -1"],
    [
      wrong({ ports: { rest: 1 } }),
      "ports.rest is not a port of the emulator; valid names are grpc, http, metadataServer, metadataServerMtls",
    ],
    [{ port: 8080, ports: { http: 8080 } }, "ports.http must differ from port, which is 8080"],
    [{ ports: { grpc: 8080, http: 8080 } }, "ports.http must differ from ports.grpc, which is 8080"],
    [{ ports: { metadataServerMtls: 0 } }, "ports.metadataServerMtls needs metadataServer.mtlsDirectory"],
  ])("%j are refused by name", async (options, message) => {
    await expect(startEmulator(options)).rejects.toThrow(new TypeError(message));
  });
});

describe("addresses", () => {
  test("of the loopback interface are nothing to be warned of", async () => {
    expect(await listen({})).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
    expect(await listen({ host: "localhost" })).toMatchObject({
      stderr: "",
      stdout: expect.stringMatching(/^localhost:/),
    });
    const other = await listen({ host: "127.0.0.2" });
    expect(other).toMatchObject({ stderr: "", stdout: expect.stringMatching(/^127\.0\.0\.2:\d+$/) });
  });

  test("that other machines reach are warned of on standard error, with all ports", async () => {
    const { code, stdout, stderr } = await listen({ host: "0.0.0.0", ports: { grpc: 0 } });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    expect(stderr).toMatch(
      /\[IAM_EMULATOR_EXPOSED\] EmulatorWarning: The emulator listens on 0\.0\.0\.0:\d+, 0\.0\.0\.0:\d+, where other machines can reach it: anyone who does gets tokens/,
    );
  });

  test.each([
    ["127.0.0.1", true],
    ["127.255.255.254", true],
    ["::1", true],
    ["128.0.0.1", false],
    ["0.0.0.0", false],
    ["::", false],
    ["::ffff:10.0.0.1", false],
    ["localhost", false],
  ])("%s is loopback: %j", (address, isLoopback) => {
    expect(isLoopbackAddress(address)).toBe(isLoopback);
  });

  test("of IPv6 are in brackets wherever a client reads them", () => {
    const at = { port: 1, ports: {}, publicHost: undefined };
    expect(resolveListening({ host: "::", ...at })).toMatchObject({ publicHost: "::1", names: [] });
    expect(resolveListening({ host: "fd00::7", ...at })).toMatchObject({ publicHost: "fd00::7", names: ["fd00::7"] });
  });

  test("have another name for clients by the option publicHost, in URLs, credentials and the certificate", async () => {
    await using emulator = await startEmulator({ publicHost: "emulator.test", serviceAccounts: [TARGET], tls: true });
    const [name, port] = emulator.host.split(":");
    expect([name, emulator.url]).toEqual(["emulator.test", `https://emulator.test:${port}`]);
    expect(emulator.clientOptions("user:a@example.com").apiEndpoint).toBe(`emulator.test:${port}`);
    expect((await emulator.createServiceAccountKey(TARGET)).token_uri).toBe(`https://emulator.test:${port}/token`);
    const servername = await new Promise<string | undefined>((resolve, reject) => {
      const to = {
        host: "127.0.0.1",
        port: Number(port),
        servername: "emulator.test",
        ca: emulator.caCertificate ?? "",
      };
      const socket = connectTls(to, () => {
        resolve(socket.getPeerX509Certificate()?.checkHost("emulator.test"));
        socket.destroy();
      });
      socket.on("error", reject);
    });
    expect(servername).toBe("emulator.test");
  });

  test.each(["192.0.2.7", "fd00::7", "2001:db8:1:2:3:4:5:6", "::ffff:192.0.2.7", "::"])(
    "%s can be in the emulator's own certificate",
    (address) => {
      expect(new X509Certificate(createServerIdentity(Date.now(), [address]).cert).checkIP(address)).toBe(address);
    },
  );

  test.each(["", "a b", "host:80", "[::1]", "http://localhost", "fe80::1%lo", 7, "-".repeat(64), null])(
    "%j is none",
    async (host) => {
      await expect(startEmulator(wrong({ host }))).rejects.toThrow(
        new TypeError(`host must be an IP address or a name, without a port, not ${JSON.stringify(host)}`),
      );
    },
  );
});

describe("names of real Google endpoints", () => {
  test.each([
    "iamcredentials.googleapis.com",
    "IAMCredentials.mtls.GoogleAPIs.com.",
    "googleapis.com",
    "oauth2.googleapis.com",
    "accounts.google.com",
    "metadata.google.internal",
    "metadata.goog",
    "iamcredentials.apis-tpczero.goog",
    "169.254.169.254",
    "fd20:ce::254",
  ])("%s is refused as the host and as its public name", async (name) => {
    const refusal = (option: string) =>
      new TypeError(`${option} must not be the name of a real Google endpoint: ${name}`);
    await expect(startEmulator({ host: name })).rejects.toThrow(refusal("host"));
    await expect(startEmulator({ publicHost: name })).rejects.toThrow(refusal("publicHost"));
  });

  test.each(["notgoogleapis.com", "googleapis.com.example", "emulator"])("%s is none", async (publicHost) => {
    await using emulator = await startEmulator({ publicHost });
    expect(emulator.host.startsWith(publicHost)).toBe(true);
  });

  test.each([
    ["iamcredentials.googleapis.com", "iamcredentials.googleapis.com"],
    ["*.googleapis.com", "googleapis.com"],
  ])("a certificate for %s is refused", async (name, told) => {
    const { certificate: cert, privateKey: key } = createCertificateAuthority().issue(["localhost", name]);
    await expect(startEmulator({ tls: { cert, key } })).rejects.toThrow(
      new TypeError(`tls.cert must not be the name of a real Google endpoint: ${told}`),
    );
  });
});
