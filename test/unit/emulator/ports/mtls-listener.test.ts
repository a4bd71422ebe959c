// SPDX-License-Identifier: Apache-2.0
// Mutual TLS to the metadata server: with the files that clients look for, and not without.

import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openStage, type Stage, TARGET } from "../stage.js";

let stage: Stage;
let directory: string;
let ca: string;
let client: string;
beforeAll(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "emulator-")), "google-mds-mtls");
  stage = await openStage({ metadataServer: { mtlsDirectory: directory } });
  ca = await readFile(join(directory, "root.crt"), "utf8");
  client = await readFile(join(directory, "client.key"), "utf8");
});
afterAll(async () => {
  await stage.close();
  await rm(join(directory, ".."), { recursive: true });
});

function get(options: RequestOptions): Promise<string> {
  const [host = "", port = ""] = stage.emulator.metadataServerHost.split(":");
  const path = "/computeMetadata/v1/instance/service-accounts/default/email";
  const headers = { "metadata-flavor": "Google" };
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, path, headers, ...options }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(`${response.statusCode} ${text}`));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

test("who has both files gets in, under every name of the server", async () => {
  for (const servername of ["metadata.google.internal", "localhost"]) {
    expect(await get({ ca, cert: client, key: client, servername })).toBe(`200 ${TARGET}`);
  }
});

test("the key is its owner's alone, and nothing else is there", async () => {
  expect((await stat(join(directory, "client.key"))).mode & 0o777).toBe(0o600);
  expect((await readdir(directory)).sort()).toEqual(["client.key", "root.crt"]);
});

test("who has no certificate, or does not trust the authority, does not get in", async () => {
  await expect(get({ ca, servername: "localhost" })).rejects.toThrow(/alert|socket|ECONNRESET/i);
  await expect(get({ cert: client, key: client, servername: "localhost" })).rejects.toThrow(/self.signed|unable to/i);
});

test("without the option the metadata server is at the emulator's one port", async () => {
  await using other = await openStage();
  expect(other.emulator.metadataServerHost).toBe(other.emulator.host);
});
