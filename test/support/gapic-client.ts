// SPDX-License-Identifier: Apache-2.0
// A client of the drop-in to a recording server, over a plain channel, and a way to have that server refuse calls.

import { credentials, status } from "@grpc/grpc-js";
import { type ClientOptions, IAMCredentialsClient } from "../../src/gapic/index.js";
import type { RecordingServer } from "./recording-server.js";

/** A key that nobody signs with: with channel credentials no token is fetched. */
export const UNUSED_KEY = { client_email: "robot@p.iam.gserviceaccount.com", private_key: "none" };

/** Makes a client. @param gaxInstance the constructor's second argument */
export function gapicClientTo(
  { port }: RecordingServer,
  options: ClientOptions = {},
  gaxInstance?: object,
): IAMCredentialsClient {
  const sslCreds = credentials.createInsecure();
  return new IAMCredentialsClient(
    { apiEndpoint: "127.0.0.1", port, sslCreds, credentials: UNUSED_KEY, ...options },
    gaxInstance,
  );
}

/** What a server says that is not ready. */
export const UNAVAILABLE = { code: status.UNAVAILABLE, details: "try again" };

/** Has a server refuse its next calls. @param times default: all */
export function refuseCalls(
  server: RecordingServer,
  times = Number.POSITIVE_INFINITY,
  answer: object = UNAVAILABLE,
): void {
  let left = times;
  server.handler = () => {
    if (left-- > 0) throw answer;
  };
}
