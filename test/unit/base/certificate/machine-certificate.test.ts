// SPDX-License-Identifier: Apache-2.0
// Reading the machine's certificate: workload files, SecureConnect's command, and everything that can be wrong with them.

import { createPrivateKey } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { ClientCertificate } from "../../../../src/base/certificate/client-certificate.js";
import { loadClientCertificate } from "../../../../src/base/certificate/client-certificate.js";
import { machineCertSource } from "../../../../src/base/certificate/machine-certificate.js";
import { MutualTlsChannelError } from "../../../../src/base/errors.js";
import { type Certified, createCertificateAuthority } from "../../../support/certificate-authority.js";
import { MachineHome } from "../../../support/machine-home.js";
import { rejectionOf } from "../../../support/rejection-of.js";

let pair: Certified;
let encryptedKey: string;
let home: MachineHome;
beforeAll(() => {
  pair = createCertificateAuthority().issue(["client"]);
  encryptedKey = createPrivateKey(pair.privateKey)
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" })
    .toString();
});
beforeEach(() => {
  home = new MachineHome();
});
afterEach(() => home[Symbol.dispose]());

const read = async (): Promise<ClientCertificate> => machineCertSource({ ...home.variables })();
const problemOf = async (): Promise<string> => {
  const error = await rejectionOf(read());
  expect(error).toBeInstanceOf(MutualTlsChannelError);
  return (error as Error).message;
};

function writeWorkload(cert: string, key: string): { config: string; certPath: string; keyPath: string } {
  const certPath = home.write("client.crt", cert);
  const keyPath = home.write("client.key", key);
  const config = home.writeCertificateConfig({
    cert_configs: { workload: { cert_path: certPath, key_path: keyPath } },
  });
  return { config, certPath, keyPath };
}

/** A command that prints these texts. */
const printing = (...texts: readonly string[]): string[] => [
  process.execPath,
  "-e",
  `process.stdout.write(${JSON.stringify(texts.join("\n"))})`,
];

describe("an X.509 workload certificate", () => {
  test("is what is in its two files, a chain included", async () => {
    const chain = pair.certificate + pair.certificate;
    writeWorkload(`text before\n${chain}text after`, pair.privateKey);
    expect(await read()).toEqual({ cert: chain, key: pair.privateKey });
  });

  test("is read again each time", async () => {
    writeWorkload(pair.certificate, pair.privateKey);
    const source = machineCertSource({ ...home.variables });
    await source();
    const next = createCertificateAuthority().issue(["next"]);
    writeWorkload(next.certificate, next.privateKey);
    expect(await source()).toEqual({ cert: next.certificate, key: next.privateKey });
  });

  test("without a certificate in its file is an error that names the file", async () => {
    const { certPath } = writeWorkload("nothing", pair.privateKey);
    expect(await problemOf()).toBe(
      `${certPath}: is in an invalid format, a single PEM formatted certificate is expected`,
    );
  });

  test("without a key in its file is an error that names the file", async () => {
    const { keyPath } = writeWorkload(pair.certificate, "nothing");
    expect(await problemOf()).toBe(
      `${keyPath}: is in an invalid format, a single PEM formatted private key is expected`,
    );
  });

  test("whose file is missing is an error that names both files", async () => {
    const config = home.writeCertificateConfig({
      cert_configs: { workload: { cert_path: "/nowhere", key_path: "/no" } },
    });
    expect(await problemOf()).toBe(`${config}: cert_path: cannot read /nowhere`);
  });

  test.each([
    { content: {}, problem: 'is in an invalid format, a "cert_configs" object is expected' },
    {
      content: { cert_configs: { workload: {} } },
      problem: 'cert_configs.workload must have "cert_path" and "key_path"',
    },
    {
      content: { cert_configs: { workload: { cert_path: "c" } } },
      problem: 'cert_configs.workload must have "cert_path" and "key_path"',
    },
    { content: "{", problem: "is not JSON" },
  ])("with the config $content is an error that says what is expected", async ({ content, problem }) => {
    const path = home.writeCertificateConfig(content);
    expect(await problemOf()).toBe(`${path}: ${problem}`);
  });
});

describe("SecureConnect", () => {
  test("is asked when the certificate config is of another kind", async () => {
    home.writeCertificateConfig({ cert_configs: { pkcs11: {} } });
    home.writeSecureConnect(printing(pair.certificate, pair.privateKey));
    expect(await read()).toEqual({ cert: pair.certificate, key: pair.privateKey });
  });

  test("may print an encrypted key with its passphrase, and the key is decrypted", async () => {
    const passphrase = "-----BEGIN PASSPHRASE-----\nopen sesame\n-----END PASSPHRASE-----";
    home.writeSecureConnect(printing(pair.certificate, encryptedKey, passphrase));
    expect(await read()).toEqual({ cert: pair.certificate, key: encryptedKey, passphrase: "open sesame" });
    const { key } = await loadClientCertificate(machineCertSource({ ...home.variables }));
    expect(key.toString()).toBe(pair.privateKey);
  });

  const problems: [string, () => string[], string][] = [
    [
      "fails",
      () => [process.execPath, "-e", "process.exit(7)"],
      "Cert provider command returns non-zero status code 7",
    ],
    ["does not exist", () => ["/nowhere/helper"], "Cert provider command cannot be run (ENOENT)"],
    ["prints no certificate", () => printing(pair.privateKey), "Client SSL certificate is missing or invalid"],
    ["prints no key", () => printing(pair.certificate), "Client SSL key is missing or invalid"],
    [
      "encrypts without a passphrase",
      () => printing(pair.certificate, encryptedKey),
      "Passphrase is missing or invalid",
    ],
    [
      "has a passphrase for nothing",
      () => printing(pair.certificate, pair.privateKey, "-----BEGIN PASSPHRASE-----x-----END PASSPHRASE-----"),
      "Passphrase is not expected",
    ],
  ];
  test.each(problems)("whose command %s is an error that says so", async (_what, command, problem) => {
    const path = home.writeSecureConnect(command());
    expect(await problemOf()).toBe(`${path}: cert_provider_command: ${problem}`);
  });

  test.each([undefined, [], "helper", [1]])(
    "with the command %j is an error that says what is expected",
    async (command) => {
      const path = home.writeSecureConnect(command);
      expect(await problemOf()).toBe(
        `${path}: Cert provider command is not found; "cert_provider_command" must be a list`,
      );
    },
  );

  test("and the config both missing is an error that names both, and never plain TLS", async () => {
    expect(await problemOf()).toMatch(
      /^client certificates are on, but .*certificate_config\.json does not exist and .*context_aware_metadata\.json does not exist$/,
    );
    home.writeCertificateConfig({ cert_configs: {} });
    expect(await problemOf()).toContain("certificate_config.json has no cert_configs.workload and ");
  });
});
