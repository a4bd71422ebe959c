// SPDX-License-Identifier: Apache-2.0
// Stagings of credentials: none, a file that is not there, and that no secret of them is told.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { diagnose } from "../../../../src/diagnosis/index.js";
import { startEmulator } from "../../../../src/emulator/index.js";
import { type BareMachine, causesOf, commandsOf, openBareMachine } from "../../../support/diagnosis-stage.js";
import { ROBOT } from "../../../support/grant-stage.js";

const LOGIN = "gcloud auth application-default login";

let machine: BareMachine;
beforeEach(() => {
  machine = openBareMachine();
});
afterEach(() => machine.close());

describe("of credentials", () => {
  test("none anywhere", async () => {
    await using emulator = await startEmulator({ serviceAccounts: [ROBOT] });
    const found = await diagnose({ target: ROBOT, clientOptions: { apiEndpoint: emulator.host, insecure: true } });
    expect(causesOf(found)).toEqual(["credentials-missing"]);
    expect(commandsOf(found)).toEqual([LOGIN]);
  });

  test("a file that is not there", async () => {
    await using emulator = await startEmulator({ serviceAccounts: [ROBOT] });
    process.env["GOOGLE_APPLICATION_CREDENTIALS"] = join(machine.folder, "nowhere.json");
    const found = await diagnose({ target: ROBOT, clientOptions: { apiEndpoint: emulator.host, insecure: true } });
    expect(causesOf(found)).toEqual(["credentials-missing"]);
    expect(found.findings.find(({ id }) => id === "identity")?.evidence.join()).toContain("nowhere.json");
  });

  test("no secret of them is in a finding or a bundle", async () => {
    await using emulator = await startEmulator({ serviceAccounts: [ROBOT] });
    const secret = "a-client-secret-that-nobody-may-see";
    const path = join(machine.folder, "application_default_credentials.json");
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
