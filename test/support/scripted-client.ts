// SPDX-License-Identifier: Apache-2.0
// A client on a scripted transport and a manual clock: what tests of the road of a call start from.

import { type ClientOptions, IAMCredentialsAsyncClient, type TokenProvider } from "../../src/index.js";
import { ManualClock, type ManualClockOptions } from "./manual-clock.js";
import { type Scene, ScriptedTransport } from "./scripted-transport.js";

export const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
export const SIGN_BLOB = { name: ROBOT, payload: Buffer.from("some bytes") };
/** What the service answers to it. */
export const SIGNED = { keyId: "key-1", signedBlob: Buffer.from("signature") };

/** A provider that numbers its tokens, from 1. */
export class CountingProvider implements TokenProvider {
  asked = 0;

  getRequestMetadata() {
    this.asked++;
    return { authorization: `Bearer token-${this.asked}` };
  }
}

/** A client and what it stands on. */
export interface ScriptedClient {
  readonly client: IAMCredentialsAsyncClient;
  readonly clock: ManualClock;
  readonly transport: ScriptedTransport;
  readonly provider: CountingProvider;
}

/** Makes one. @param scenes made with the clock, so that an attempt can wait on it */
export function scriptedClient(
  scenes: (clock: ManualClock) => readonly Scene[],
  options: ClientOptions = {},
  clockOptions: ManualClockOptions = {},
): ScriptedClient {
  const clock = new ManualClock(clockOptions);
  const transport = new ScriptedTransport(...scenes(clock));
  const provider = new CountingProvider();
  const { credentials = provider, ...others } = options;
  if ("getRequestMetadata" in credentials) transport.tokenProvider = credentials as TokenProvider; // as: so it is
  // A given transport brings its own credentials; those of another form go with a function that makes the transport.
  const carried = transport.tokenProvider === undefined ? { transport: () => transport, credentials } : { transport };
  const client = new IAMCredentialsAsyncClient({ ...carried, clock, ...others });
  return { client, clock, transport, provider };
}
