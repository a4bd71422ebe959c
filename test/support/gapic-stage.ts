// SPDX-License-Identifier: Apache-2.0
// A recording server, and clients of the drop-in to it over a plain channel, in an environment that holds no credentials.

import { credentials, status } from "@grpc/grpc-js";
import { type ClientOptions, IAMCredentialsClient } from "../../src/gapic/index.js";
import { setEnvironment } from "./bare-environment.js";
import { type RecordingServer, startRecordingServer } from "./recording-server.js";

/** Of the account that is asked for tokens and signatures. */
export const NAME = "projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com";

/** A key that nobody signs with: with channel credentials no token is fetched. */
export const UNUSED_KEY = { client_email: "robot@p.iam.gserviceaccount.com", private_key: "none" };

/** What a server says that is not ready. */
const UNAVAILABLE = { code: status.UNAVAILABLE, details: "try again" };

/** The stage. */
export interface GapicStage extends AsyncDisposable {
  readonly server: RecordingServer;
  /** Closed with the stage. */
  readonly client: IAMCredentialsClient;
  /** Makes another client, which its test closes. @param gaxInstance the constructor's second argument */
  clientWith(options?: ClientOptions, gaxInstance?: object): IAMCredentialsClient;
  /** Has the server refuse its next calls. @param times default: all @param answer default: UNAVAILABLE */
  refuse(times?: number, answer?: object): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens the stage. */
export async function openGapicStage(): Promise<GapicStage> {
  const restore = setEnvironment({ METADATA_SERVER_DETECTION: "none" });
  const server = await startRecordingServer();
  const clientWith: GapicStage["clientWith"] = (options, gaxInstance) => {
    const sslCreds = credentials.createInsecure();
    const defaults = { apiEndpoint: "127.0.0.1", port: server.port, sslCreds, credentials: UNUSED_KEY };
    return new IAMCredentialsClient({ ...defaults, ...options }, gaxInstance);
  };
  const client = clientWith();
  return {
    server,
    client,
    clientWith,
    refuse(times = Number.POSITIVE_INFINITY, answer = UNAVAILABLE) {
      let left = times;
      server.handler = () => {
        if (left-- > 0) throw answer;
      };
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
      restore();
    },
  };
}
