// SPDX-License-Identifier: Apache-2.0
// A self-signed certificate for localhost, made at run time with node:crypto alone: a benchmark should not need OpenSSL's program.

import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

const SEQUENCE = 0x30;
const SET = 0x31;

function der(tag, ...contents) {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([Buffer.from([tag, 0x82]), length, body]);
}

const hex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");
const ECDSA_WITH_SHA256 = der(SEQUENCE, hex("06 08 2a8648ce3d040302"));
const COMMON_NAME = hex("06 03 550403");
const SUBJECT_ALT_NAME = hex("06 03 551d11");
const BASIC_CONSTRAINTS = hex("06 03 551d13");
const TRUE = hex("01 01 ff");

function utcTime(date) {
  const digits = date.toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

/** Makes a key and a certificate for `localhost` that is good for a day. Source: RFC 5280, section 4.1. */
export function makeCertificate() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(0x0c, Buffer.from("localhost")))));
  const now = Date.now();
  const hour = 3_600_000;
  const altName = der(SEQUENCE, der(0x82, Buffer.from("localhost")));
  const extensions = [
    der(SEQUENCE, SUBJECT_ALT_NAME, der(0x04, altName)),
    der(SEQUENCE, BASIC_CONSTRAINTS, TRUE, der(0x04, der(SEQUENCE, TRUE))),
  ];
  const toBeSigned = der(
    SEQUENCE,
    der(0xa0, hex("02 01 02")), // version 3
    der(0x02, Buffer.from([1]), randomBytes(8)),
    ECDSA_WITH_SHA256,
    name,
    der(SEQUENCE, utcTime(new Date(now - hour)), utcTime(new Date(now + 23 * hour))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(SEQUENCE, ...extensions)),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = der(SEQUENCE, toBeSigned, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  const base64 = certificate.toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}
