// SPDX-License-Identifier: Apache-2.0
// A certificate authority that lives as long as a test, so that nothing outside can trust it by accident.

import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate with its key, both PEM. */
export interface Certified {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Issues server certificates. */
export interface CertificateAuthority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /**
   * A certificate for hosts: DNS names, IPv4 addresses and URIs.
   *
   * @param validForMs negative: it has expired already
   * @param key whose certificate it is. Default: a new elliptic one's
   */
  issue(hosts: readonly string[], validForMs?: number, key?: KeyObject): Certified;
}

const DAY_MS = 86_400_000;
// DER of the object identifiers: RFC 5758 3.2, RFC 5280 A.1 and 4.2.1.
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const COMMON_NAME = [0x55, 0x04, 0x03];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS = [0x55, 0x1d, 0x13];

function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Uint8Array.from(part)));
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 255 ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const objectId = (bytes: readonly number[]) => der(0x06, bytes);
const name = (commonName: string) =>
  sequence(der(0x31, sequence(objectId(COMMON_NAME), der(0x0c, Buffer.from(commonName)))));
const time = (ms: number) =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));
const algorithm = sequence(objectId(ECDSA_WITH_SHA256));
// An RSA key takes a hundred times as long to find, and as long as luck has it.
const generateKeys = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

function alternativeName(host: string): Buffer {
  if (host.includes("://")) return der(0x86, Buffer.from(host));
  const isAddress = /^[\d.]+$/.test(host);
  return isAddress ? der(0x87, host.split(".").map(Number)) : der(0x82, Buffer.from(host));
}

interface Contents {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly validForMs: number;
  readonly extension: Buffer;
}

function buildCertificate({ subject, issuer, publicKey, validForMs, extension }: Contents, signer: KeyObject): string {
  const notAfter = Date.now() + validForMs;
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [0x01, ...randomBytes(8)]),
    algorithm,
    name(issuer),
    sequence(time(Math.min(Date.now(), notAfter) - DAY_MS), time(notAfter)),
    name(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extension)),
  );
  const certificate = sequence(body, algorithm, der(0x03, [0], sign("sha256", body, signer)));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** Creates an authority with a key of its own. */
export function createCertificateAuthority(commonName = "test authority"): CertificateAuthority {
  const authority = generateKeys();
  const isAuthority = sequence(objectId(BASIC_CONSTRAINTS), der(0x01, [0xff]), der(0x04, sequence(der(0x01, [0xff]))));
  const own = { subject: commonName, issuer: commonName, publicKey: authority.publicKey, validForMs: DAY_MS };
  return {
    certificate: buildCertificate({ ...own, extension: isAuthority }, authority.privateKey),
    issue(hosts, validForMs = DAY_MS, privateKey = generateKeys().privateKey) {
      const contents: Contents = {
        subject: hosts[0] ?? "nobody",
        issuer: commonName,
        publicKey: createPublicKey(privateKey),
        validForMs,
        extension: sequence(objectId(SUBJECT_ALT_NAME), der(0x04, sequence(...hosts.map(alternativeName)))),
      };
      return {
        certificate: buildCertificate(contents, authority.privateKey),
        privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}
