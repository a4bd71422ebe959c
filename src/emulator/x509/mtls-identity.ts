// SPDX-License-Identifier: Apache-2.0
// Makes the certificates for mutual TLS to the metadata server: a CA, the server's and the client's. Writes them where
// clients look for them.

import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { makeFolder, writeForOwner } from "../files/owner-file.js";
import { signCertificate } from "./build-certificate.js";
import { authorityExtensions, dnsName, endExtensions, ipAddress, subjectAltName } from "./extensions.js";

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

const CA_NAME = "iam-credentials-client metadata CA";
const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 7; // as at Google, which renews them with the machine

// All names by which clients know this server.
function serverNames(): Buffer {
  const addresses = [
    [169, 254, 169, 254],
    [127, 0, 0, 1],
  ];
  return subjectAltName([...["metadata.google.internal", "localhost"].map(dnsName), ...addresses.map(ipAddress)]);
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
  const serverExtensions = [...endExtensions("serverAuthentication"), serverNames()];
  const clientCert = sign("emulator-instance", client.publicKey, endExtensions("clientAuthentication"));
  return {
    ca: sign(CA_NAME, authority.publicKey, authorityExtensions()),
    cert: sign("metadata.google.internal", server.publicKey, serverExtensions),
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
