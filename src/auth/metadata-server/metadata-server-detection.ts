// SPDX-License-Identifier: Apache-2.0
// Whether this machine has a metadata server. Never throws, never warns, and does not wait where nothing suggests one.

import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { type Clock, sleep } from "../../base/clock.js";
import type { Environment } from "../../base/environment.js";
import { HttpClient } from "../../base/http/http-client.js";
import { askAside } from "../../base/http/side-requests.js";
import {
  hasMetadataFlavor,
  metadataClientHeader,
  metadataPingHost,
  metadataTimeoutMs,
  ownMetadataHost,
} from "./metadata-server.js";

/** What the answer depends on. */
export interface MetadataDetectionSettings {
  readonly environment: Environment;
  readonly clock: Clock;
  /** Where the machine names its product. Default: `/sys/class/dmi/id/product_name`. */
  readonly productNameFile?: string | undefined;
}

const DEFAULT_RETRIES = 3;
/** How long one request may take on a machine that nothing marks as Google's: it is usually a laptop, and somebody is waiting. */
const UNLIKELY_TIMEOUT_MS = 300;
const FIRST_DELAY_MS = 1_000;

/** Variables that Google's serverless platforms set. */
const SERVERLESS = ["K_SERVICE", "CLOUD_RUN_JOB", "FUNCTION_NAME", "GAE_SERVICE", "GAE_MODULE_NAME"];

/**
 * Whether there is a metadata server.
 *
 * The environment decides first: `NO_GCE_CHECK=true` and `METADATA_SERVER_DETECTION=none` say no, `assume-present` says yes, `bios-only`
 * looks only at the machine and `ping-only` only at the network; `GCE_METADATA_DETECT_RETRIES` is the number of attempts.
 */
export async function hasMetadataServer(settings: MetadataDetectionSettings, signal?: AbortSignal): Promise<boolean> {
  const { environment } = settings;
  const mode = (environment["METADATA_SERVER_DETECTION"] ?? "").trim().toLowerCase();
  if (environment["NO_GCE_CHECK"] === "true" || mode === "none") return false;
  if (mode === "assume-present") return true;
  try {
    metadataPingHost(environment);
  } catch {
    // The error of a token request names the variable.
    return false;
  }
  const isMarked = isMarkedAsGoogles(settings);
  if (mode === "bios-only") return isMarked;
  const isLikely =
    (isMarked && mode !== "ping-only") ||
    ownMetadataHost(environment) !== undefined ||
    Boolean(environment["GCE_METADATA_IP"]) ||
    SERVERLESS.some((name) => Boolean(environment[name]));
  return (await ping(settings, isLikely || mode === "ping-only", signal)) || (isMarked && mode !== "ping-only");
}

async function ping(
  { environment, clock }: MetadataDetectionSettings,
  isLikely: boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const host = metadataPingHost(environment);
  const wanted = Number(environment["GCE_METADATA_DETECT_RETRIES"] || DEFAULT_RETRIES);
  const attempts = isLikely ? Math.max(1, Number.isFinite(wanted) ? wanted : DEFAULT_RETRIES) : 1;
  const timeoutMs = isLikely ? metadataTimeoutMs(environment) : UNLIKELY_TIMEOUT_MS;
  const headers = { "metadata-flavor": "Google", "x-goog-api-client": metadataClientHeader("auth-request-type/mds") };
  // Without a proxy rule: the metadata server is on this machine's own link.
  const http = new HttpClient({ clock });
  for (let attempt = 1, delayMs = FIRST_DELAY_MS; attempt <= attempts; attempt++, delayMs *= 2) {
    try {
      const answer = await askAside(http, { url: `http://${host}/`, headers, signal, timeoutMs });
      return answer.status === 200 && hasMetadataFlavor(answer);
    } catch {
      if (signal?.aborted) return false;
    }
    const wait = attempt < attempts ? sleep(clock, delayMs * (0.9 + 0.2 * clock.random()), [signal]) : undefined;
    await wait?.catch(() => undefined);
  }
  return false;
}

/** Whether the firmware, or the address prefix of Google's network cards, says so. */
function isMarkedAsGoogles({ productNameFile = "/sys/class/dmi/id/product_name" }: MetadataDetectionSettings): boolean {
  try {
    if (readFileSync(productNameFile, "utf8").trim().startsWith("Google")) return true;
  } catch {
    // Not Linux, or not readable: then the network cards decide.
  }
  try {
    return Object.values(networkInterfaces()).some((cards) => cards?.some(({ mac }) => /^42:01/.test(mac)));
  } catch {
    return false;
  }
}
