// SPDX-License-Identifier: Apache-2.0
// Makes the certificates for mutual TLS to the metadata server: a CA, the server's and the client's. Writes them where
// clients look for them.

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { makeFolder, writeForOwner } from "../files/owner-file.js";
import { encodeExtension, signCertificate } from "./build-certificate.js";
import { encodeBitString, encodeImplicit, encodeOid, encodeSequence, encodeTrue } from "./der.js";

/** What the server presents and requires, in PEM. */
interface MtlsIdentity {
  /** The CA of both certificates. Required. */
  readonly ca: string;
  /** The server's certificate. Required. */
  readonly cert: string;
  /** Its private key. Required. */
  readonly key: string;
  /** The client's certificate and key, in one. Required. */
  readonly client: string;
}

const oids = {
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  serverAuthentication: "1.3.6.1.5.5.7.3.1",
  clientAuthentication: "1.3.6.1.5.5.7.3.2",
} as const;

const CA_NAME = "iam-credentials-client metadata CA";
const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 7; // as at Google, which renews them with the machine

const basic = (isAuthority: boolean) =>
  encodeExtension(oids.basicConstraints, true, isAuthority ? encodeSequence(encodeTrue()) : encodeSequence());

function authorityExtensions(): Buffer[] {
  return [basic(true), encodeExtension(oids.keyUsage, true, encodeBitString(Buffer.of(0x06), 1))]; // keyCertSign, cRLSign
}

function endExtensions(purpose: string, names: readonly Buffer[]): Buffer[] {
  const extensions = [
    basic(false),
    encodeExtension(oids.keyUsage, true, encodeBitString(Buffer.of(0x80), 7)), // digitalSignature
    encodeExtension(oids.extendedKeyUsage, false, encodeSequence(encodeOid(purpose))),
  ];
  return names.length === 0
    ? extensions
    : [...extensions, encodeExtension(oids.subjectAltName, false, encodeSequence(...names))];
}

// All names by which clients know this server.
function serverNames(): Buffer[] {
  const dns = ["metadata.google.internal", "localhost"].map((name) => encodeImplicit(2, Buffer.from(name, "latin1")));
  const addresses = [
    [169, 254, 169, 254],
    [127, 0, 0, 1],
  ];
  return [...dns, ...addresses.map((bytes) => encodeImplicit(7, Buffer.from(bytes)))];
}

const exportKey = (key: KeyObject) => key.export({ type: "pkcs8", format: "pem" }).toString();

/**
 * Makes the certificates, with keys on P-256.
 *
 * @param at now, in milliseconds since the epoch, by the clients' clock
 */
export function createMtlsIdentity(at: number): MtlsIdentity {
  const generate = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
  const [authority, server, client] = [generate(), generate(), generate()];
  const validity = { notBeforeAt: at - DAY_MS, notAfterAt: at + VALID_DAYS * DAY_MS };
  const sign = (commonName: string, publicKey: KeyObject, extensions: readonly Buffer[]) =>
    signCertificate({ commonName, issuer: CA_NAME, ...validity, publicKey, extensions }, authority.privateKey);
  const clientCert = sign("emulator-instance", client.publicKey, endExtensions(oids.clientAuthentication, []));
  return {
    ca: sign(CA_NAME, authority.publicKey, authorityExtensions()),
    cert: sign("metadata.google.internal", server.publicKey, endExtensions(oids.serverAuthentication, serverNames())),
    key: exportKey(server.privateKey),
    client: clientCert + exportKey(client.privateKey),
  };
}

/**
 * Writes `root.crt` and `client.key`, the latter for its owner alone, under the names that Google's agent gives them.
 *
 * @param directory where; created if missing
 * @throws the error of node:fs when they can't be written
 */
export async function writeMtlsFiles(directory: string, { ca, client }: MtlsIdentity): Promise<void> {
  await makeFolder(directory);
  await writeForOwner(join(directory, "root.crt"), ca);
  await writeForOwner(join(directory, "client.key"), client);
}
