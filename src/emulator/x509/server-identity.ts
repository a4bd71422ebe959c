// SPDX-License-Identifier: Apache-2.0
// Makes a CA and a certificate for the names of this machine's loopback interface, for an emulator that
// speaks TLS and was given no certificate. Both last as long as the process.

import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { encodeExtension, signCertificate } from "./build-certificate.js";
import { encodeBitString, encodeImplicit, encodeOctetString, encodeOid, encodeSequence, encodeTrue } from "./der.js";

/** What a server presents to clients. */
interface ServerIdentity {
  /** The CA's certificate, PEM: what clients trust. Required. */
  readonly ca: string;
  /** The server's certificate, PEM. Required. */
  readonly cert: string;
  /** Its private key, PKCS #8 in PEM. Required. */
  readonly key: string;
}

const oids = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuthentication: "1.3.6.1.5.5.7.3.1",
} as const;

const CA_NAME = "iam-credentials-client emulator CA";
const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 397; // some clients refuse more

// GeneralName (RFC 5280, 4.2.1.6): a DNS name, or the bytes of an address.
const dnsName = (name: string) => encodeImplicit(2, Buffer.from(name, "latin1"));
const ipAddress = (...bytes: readonly number[]) => encodeImplicit(7, Buffer.from(bytes));

function keyIdentifierOf(publicKey: KeyObject): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
}

function authorityExtensions(publicKey: KeyObject): Buffer[] {
  return [
    encodeExtension(oids.basicConstraints, true, encodeSequence(encodeTrue())),
    encodeExtension(oids.keyUsage, true, encodeBitString(Buffer.of(0x06), 1)), // keyCertSign, cRLSign
    encodeExtension(oids.subjectKeyIdentifier, false, encodeOctetString(keyIdentifierOf(publicKey))),
  ];
}

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
    ipAddress(127, 0, 0, 1),
    ipAddress(...new Array<number>(15).fill(0), 1),
    ...hosts.map((host) => (isIP(host) === 0 ? dnsName(host) : ipAddress(...bytesOfAddress(host)))),
  ];
  const issuer = encodeSequence(encodeImplicit(0, keyIdentifierOf(authority)));
  return [
    encodeExtension(oids.basicConstraints, true, encodeSequence()),
    encodeExtension(oids.keyUsage, true, encodeBitString(Buffer.of(0x80), 7)), // digitalSignature
    encodeExtension(oids.extendedKeyUsage, false, encodeSequence(encodeOid(oids.serverAuthentication))),
    encodeExtension(oids.subjectAltName, false, encodeSequence(...names)),
    encodeExtension(oids.subjectKeyIdentifier, false, encodeOctetString(keyIdentifierOf(publicKey))),
    encodeExtension(oids.authorityKeyIdentifier, false, issuer),
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
  return {
    ca: sign(CA_NAME, authority.publicKey, authorityExtensions(authority.publicKey)),
    cert: sign("localhost", server.publicKey, serverExtensions(server.publicKey, authority.publicKey, hosts)),
    key: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
