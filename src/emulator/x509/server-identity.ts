// SPDX-License-Identifier: Apache-2.0
// Makes a CA and a certificate for the names of this machine's loopback interface, for an emulator that
// speaks TLS and was given no certificate. Both last as long as the process.

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { signCertificate } from "./build-certificate.js";
import {
  authorityExtensions,
  authorityKeyIdentifier,
  dnsName,
  endExtensions,
  ipAddress,
  subjectAltName,
  subjectKeyIdentifier,
} from "./extensions.js";

/** What a server presents to clients. */
interface ServerIdentity {
  /** The CA's certificate, PEM: what clients trust. Required. */
  readonly ca: string;
  /** The server's certificate, PEM. Required. */
  readonly cert: string;
  /** Its private key, PKCS #8 in PEM. Required. */
  readonly key: string;
}

const CA_NAME = "iam-credentials-client emulator CA";
const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 397; // some clients refuse more

// The 4 or 16 bytes of an address. The URL parser writes IPv6 addresses in hexadecimal groups only, with one gap at most.
function bytesOfAddress(address: string): number[] {
  if (isIP(address) === 4) return address.split(".").map(Number);
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = [], tail = []] = canonical.split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const gap = new Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...gap, ...tail].flatMap((group) => [...Buffer.from(group.padStart(4, "0"), "hex")]);
}

function serverExtensions(publicKey: KeyObject, authority: KeyObject, hosts: readonly string[]): Buffer[] {
  const names = [
    dnsName("localhost"),
    // A request to the first of these means the admin API where the two APIs share a path.
    dnsName("iam.localhost"),
    dnsName("iamcredentials.localhost"),
    ipAddress([127, 0, 0, 1]),
    ipAddress([...new Array<number>(15).fill(0), 1]),
    ...hosts.map((host) => (isIP(host) === 0 ? dnsName(host) : ipAddress(bytesOfAddress(host)))),
  ];
  return [
    ...endExtensions("serverAuthentication"),
    subjectAltName(names),
    subjectKeyIdentifier(publicKey),
    authorityKeyIdentifier(authority),
  ];
}

/**
 * Makes the CA and the certificate, both with P-256 keys, which takes a few milliseconds.
 *
 * @param at now, in milliseconds since the epoch, by the clients' clock
 * @param hosts names and addresses besides those of the loopback interface. Default: none
 */
export function createServerIdentity(at: number, hosts: readonly string[] = []): ServerIdentity {
  const validity = { notBeforeAt: at - DAY_MS, notAfterAt: at + VALID_DAYS * DAY_MS };
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const server = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const sign = (commonName: string, publicKey: KeyObject, extensions: readonly Buffer[]) =>
    signCertificate({ commonName, issuer: CA_NAME, ...validity, publicKey, extensions }, authority.privateKey);
  const ofAuthority = [...authorityExtensions(), subjectKeyIdentifier(authority.publicKey)];
  return {
    ca: sign(CA_NAME, authority.publicKey, ofAuthority),
    cert: sign("localhost", server.publicKey, serverExtensions(server.publicKey, authority.publicKey, hosts)),
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
