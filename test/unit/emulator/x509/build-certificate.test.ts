// SPDX-License-Identifier: Apache-2.0
// The certificates, read by node:crypto and by OpenSSL.

import { execFileSync } from "node:child_process";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { buildCertificate } from "../../../../src/emulator/x509/build-certificate.js";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const DAY_MS = 86_400_000;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "certificate-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function build(notBeforeAt: number, notAfterAt: number, commonName = "107517467455664443765"): string {
  return buildCertificate({ commonName, notBeforeAt, notAfterAt }, publicKey, privateKey);
}

function openssl(pem: string, ...command: string[]): string {
  const file = join(folder, "certificate.pem");
  writeFileSync(file, pem);
  return execFileSync("openssl", [...command, file], { encoding: "utf8", timeout: 50_000 });
}

describe("node:crypto", () => {
  test("reads a self-signed certificate of the key with the right names and times", () => {
    const notBeforeAt = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const certificate = new X509Certificate(build(notBeforeAt, notBeforeAt + 16 * DAY_MS));
    expect(certificate.verify(publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(privateKey)).toBe(true);
    expect([certificate.subject, certificate.issuer]).toEqual(["CN=107517467455664443765", "CN=107517467455664443765"]);
    expect(certificate.ca).toBe(false);
    expect(certificate.validFrom).toBe("Jan  2 03:04:05 2026 GMT");
    expect(certificate.validTo).toBe("Jan 18 03:04:05 2026 GMT");
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
  });

  test("reads times on both sides of 2050, where the encoding changes", () => {
    const certificate = new X509Certificate(build(Date.UTC(2049, 11, 31, 23, 59, 59), Date.UTC(2050, 0, 1)));
    expect(certificate.validFrom).toBe("Dec 31 23:59:59 2049 GMT");
    expect(certificate.validTo).toBe("Jan  1 00:00:00 2050 GMT");
  });

  test("reads names of any length and alphabet", () => {
    for (const commonName of ["x", "ä✓", "n".repeat(200)]) {
      expect(new X509Certificate(build(0, DAY_MS, commonName)).subject).toBe(`CN=${commonName}`);
    }
  });
});

describe("openssl", () => {
  const now = Date.now();

  test("prints version, algorithm and the three critical extensions", () => {
    const text = openssl(build(now, now + DAY_MS), "x509", "-noout", "-text", "-in");
    for (const line of [
      "Version: 3 (0x2)",
      "Signature Algorithm: sha256WithRSAEncryption",
      "Subject: CN = 107517467455664443765",
      "Public-Key: (2048 bit)",
      "X509v3 Basic Constraints: critical\n                CA:FALSE",
      "X509v3 Key Usage: critical\n                Digital Signature",
      "X509v3 Extended Key Usage: critical\n                TLS Web Client Authentication",
    ]) {
      expect(text).toContain(line);
    }
  });

  test("verifies its signature", () => {
    const pem = build(now - 1000, now + DAY_MS);
    const anchor = join(folder, "anchor.pem");
    writeFileSync(anchor, pem);
    expect(openssl(pem, "verify", "-check_ss_sig", "-CAfile", anchor)).toMatch(/: OK\n$/);
  });

  test("finds serial numbers that are positive and differ", () => {
    const serials = Array.from({ length: 20 }, () =>
      openssl(build(now, now + DAY_MS), "x509", "-noout", "-serial", "-in"),
    );
    expect(new Set(serials).size).toBe(20);
    for (const serial of serials) expect(serial).toMatch(/^serial=[0-9A-F]+\n$/);
  });
});
