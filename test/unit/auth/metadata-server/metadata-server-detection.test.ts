// SPDX-License-Identifier: Apache-2.0
// How a metadata server is found, and how fast it is not.

import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { hasMetadataServer } from "../../../../src/auth/metadata-server/metadata-server-detection.js";
import type { Clock } from "../../../../src/base/clock.js";
import { ManualClock } from "../../../support/manual-clock.js";
import { type MetadataPeer, quickClock, startMetadataPeer } from "../../../support/metadata-peer.js";
import { settle, waitUntil } from "../../../support/wait-until.js";

/** Where nobody listens. */
const NOBODY = "127.0.0.1:1";

let stage: MetadataPeer;
beforeEach(async () => {
  stage = await startMetadataPeer();
});
afterEach(() => stage.close());

describe("detection", () => {
  const productNameFile = () => join(stage.folder, "product_name");
  const find = (environment: Record<string, string>, clock: Clock = quickClock) =>
    hasMetadataServer({ environment, clock, productNameFile: productNameFile() });

  test("believes the firmware where the network says nothing, and looks at it alone in the mode bios-only", async () => {
    writeFileSync(productNameFile(), "Google Compute Engine\n");
    const environment = { GCE_METADATA_HOST: NOBODY, GCE_METADATA_DETECT_RETRIES: "1" };
    expect(await find(environment)).toBe(true);
    expect(await find({ METADATA_SERVER_DETECTION: "bios-only" })).toBe(true);
  });

  test("off Google Cloud says no within 300 ms, and neither throws nor warns", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on("warning", note);
    const clock = new ManualClock();
    const found = find({}, clock);
    await clock.advance(300);
    // A machine of Google's on which these tests run is told by its network card.
    const isGoogles = Object.values(networkInterfaces()).some((cards) => cards?.some(({ mac }) => /^42:01/.test(mac)));
    expect(await found).toBe(isGoogles);
    await settle();
    process.off("warning", note);
    expect([warnings, clock.waits]).toEqual([[], []]);
  });

  test("asks as often as the environment says", async () => {
    stage.answer = () => undefined;
    const environment = {
      GCE_METADATA_IP: stage.host,
      GCE_METADATA_DETECT_RETRIES: "2",
      GCE_METADATA_TIMEOUT: "0.05",
      METADATA_SERVER_DETECTION: "ping-only",
    };
    const clock = new ManualClock();
    const found = find(environment, clock);
    await waitUntil("the first question arrives", () => stage.requests.length === 1);
    await clock.advance(50);
    await waitUntil("the pause begins", () => clock.waits[0] === 1_000);
    await clock.advance(1_000);
    await waitUntil("the second question arrives", () => stage.requests.length === 2);
    await clock.advance(50);
    expect(await found).toBe(false);
    expect(stage.requests[0]?.headers["metadata-flavor"]).toBe("Google");
  });
});
