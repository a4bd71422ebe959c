// SPDX-License-Identifier: Apache-2.0
// Whether client certificates are on, and where the certificate comes from: every variable, every file.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ClientCertSource } from "../../../../src/base/certificate/client-certificate.js";
import { resolveClientCertificate } from "../../../../src/base/certificate/resolve-client-certificate.js";
import { MachineHome } from "../../../support/machine-home.js";

const own: ClientCertSource = () => ({ cert: "cert", key: "key" });
const WORKLOAD = { cert_configs: { workload: { cert_path: "cert", key_path: "key" } } };
let home: MachineHome;
beforeEach(() => {
  home = new MachineHome();
});
afterEach(() => home[Symbol.dispose]());

const decide = (variables: Record<string, string>, source?: ClientCertSource) =>
  resolveClientCertificate(source, { ...home.variables, ...variables });

describe("client certificates", () => {
  test.each([
    ["true", true],
    ["TRUE", true],
    ["false", false],
    ["garbage", false],
    ["1", false],
    [" true ", false],
  ])("with GOOGLE_API_USE_CLIENT_CERTIFICATE=%j are on: %s", (value, isEnabled) => {
    const decision = decide({ GOOGLE_API_USE_CLIENT_CERTIFICATE: value }, own);
    expect(decision.isEnabled).toBe(isEnabled);
    expect(decision.source).toBe(isEnabled ? own : undefined);
    expect(decision.reason).toContain(`GOOGLE_API_USE_CLIENT_CERTIFICATE is ${JSON.stringify(value)}`);
  });

  test("follow CLOUDSDK_CONTEXT_AWARE_USE_CLIENT_CERTIFICATE when the first variable is unset or empty", () => {
    const fallback = { CLOUDSDK_CONTEXT_AWARE_USE_CLIENT_CERTIFICATE: "true" };
    expect(decide(fallback, own).source).toBe(own);
    expect(decide({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "", ...fallback }, own).source).toBe(own);
    expect(decide({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "false", ...fallback }, own).source).toBeUndefined();
  });

  test("are off with nothing set and no file there", () => {
    const decision = decide({});
    expect(decision).toMatchObject({ isEnabled: false, source: undefined, warning: undefined });
    expect(decision.reason).toMatch(/^GOOGLE_API_USE_CLIENT_CERTIFICATE is not set, and .* does not exist$/);
  });

  test("are off although clientCertSource is given, with a warning that says why", () => {
    expect(decide({}, own).source).toBeUndefined();
    expect(decide({}, own).warning).toMatch(
      /^the option clientCertSource is ignored, since client certificates are off: GOOGLE_API_USE_CLIENT_CERTIFICATE is not set/,
    );
  });

  test("turn themselves on with gcloud's workload certificate config in its place", () => {
    const path = home.writeCertificateConfig(WORKLOAD);
    const decision = decide({});
    expect(decision.isEnabled).toBe(true);
    expect(decision.origin).toBe(path);
    expect(decision.source).toEqual(expect.any(Function));
    expect(decide({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "false" }).isEnabled).toBe(false);
  });

  test.each(["GOOGLE_API_CERTIFICATE_CONFIG", "CLOUDSDK_CONTEXT_AWARE_CERTIFICATE_CONFIG_FILE_PATH"])(
    "turn themselves on with the config that %s names, with ~ for the home folder",
    (variable) => {
      const path = home.write("elsewhere/config.json", WORKLOAD);
      expect(decide({ [variable]: path })).toMatchObject({ isEnabled: true, origin: path });
      expect(decide({ [variable]: "~/elsewhere/config.json" })).toMatchObject({ isEnabled: true, origin: path });
    },
  );

  test("stay off when the named config does not exist, even if gcloud's own does", () => {
    home.writeCertificateConfig(WORKLOAD);
    expect(decide({ GOOGLE_API_CERTIFICATE_CONFIG: "/nowhere/config.json" })).toMatchObject({
      isEnabled: false,
      warning: undefined,
    });
    expect(decide({ GOOGLE_API_CERTIFICATE_CONFIG: "" }).isEnabled).toBe(true);
  });

  test.each([
    { what: "is no JSON", content: "{", problem: "cannot be read, or is not JSON" },
    { what: "has no workload", content: { cert_configs: {} }, problem: "has no cert_configs.workload" },
    { what: "has no cert_configs", content: {}, problem: "has no cert_configs.workload" },
    { what: "is a list", content: [], problem: "has no cert_configs.workload" },
  ])("stay off, with a warning, when the config $what", ({ content, problem }) => {
    const path = home.writeCertificateConfig(content);
    expect(decide({})).toMatchObject({
      isEnabled: false,
      warning: `mTLS auto-enablement failed: ${path} ${problem}`,
    });
  });

  test("come from the option before the machine's", () => {
    home.writeCertificateConfig(WORKLOAD);
    const decision = decide({}, own);
    expect(decision.source).toBe(own);
    expect(decision.origin).toBe("the option clientCertSource");
  });

  test("come from SecureConnect when there is nothing else, whatever it holds", () => {
    const path = home.writeSecureConnect(["/nowhere/helper"]);
    expect(decide({}).isEnabled).toBe(false);
    expect(decide({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" })).toMatchObject({
      origin: path,
      source: expect.any(Function),
    });
  });

  test("that are on without any certificate have no source, and say where they looked", () => {
    const decision = decide({ GOOGLE_API_USE_CLIENT_CERTIFICATE: "true" });
    expect(decision).toMatchObject({ isEnabled: true, source: undefined });
    expect(decision.origin).toMatch(
      /^none: neither .*certificate_config\.json nor .*context_aware_metadata\.json exists$/,
    );
  });
});
