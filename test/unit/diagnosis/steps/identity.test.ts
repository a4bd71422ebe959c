// SPDX-License-Identifier: Apache-2.0
// Stagings of credentials: none, a file that is not there, and that no secret of them is told.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diagnose } from "../../../../src/diagnosis/index.js";
import { startEmulator } from "../../../../src/emulator/index.js";
import { setEnvironment } from "../../../support/bare-environment.js";
import { causesOf, commandsOf } from "../../../support/diagnosis-stage.js";
import { ROBOT } from "../../../support/grant-stage.js";

const LOGIN = "gcloud auth application-default login";

let restore: () => void;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "diagnosis-"));
  restore = setEnvironment({ METADATA_SERVER_DETECTION: "none", CLOUDSDK_CONFIG: folder });
});

afterEach(() => {
  restore();
  rmSync(folder, { recursive: true, force: true });
});

describe("of credentials", () => {
  test("none anywhere", async () => {
    await using emulator = await startEmulator({ serviceAccounts: [ROBOT] });
    const found = await diagnose({ target: ROBOT, clientOptions: { apiEndpoint: emulator.host, insecure: true } });
    expect(causesOf(found)).toEqual(["credentials-missing"]);
    expect(commandsOf(found)).toEqual([LOGIN]);
  });

  test("a file that is not there", async () => {
    await using emulator = await startEmulator({ serviceAccounts: [ROBOT] });
    process.env["GOOGLE_APPLICATION_CREDENTIALS"] = join(folder, "nowhere.json");
    const found = await diagnose({ target: ROBOT, clientOptions: { apiEndpoint: emulator.host, insecure: true } });
    expect(causesOf(found)).toEqual(["credentials-missing"]);
    expect(found.findings.find(({ id }) => id === "identity")?.evidence.join()).toContain("nowhere.json");
  });

  test("no secret of them is in a finding or a bundle", async () => {
    await using emulator = await startEmulator({ serviceAccounts: [ROBOT] });
    const secret = "a-client-secret-that-nobody-may-see";
    const path = join(folder, "application_default_credentials.json");
    writeFileSync(
      path,
      JSON.stringify({ type: "authorized_user", client_id: "c", client_secret: secret, refresh_token: secret }),
    );
    const found = await diagnose({
      target: ROBOT,
      offline: true,
      clientOptions: { apiEndpoint: emulator.host, insecure: true },
    });
    expect(JSON.stringify(found)).not.toContain(secret);
  });
});
