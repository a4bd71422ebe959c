// SPDX-License-Identifier: Apache-2.0
// `iamcreds init` and `iamcreds auth application-default login`: a browser login is gcloud's job, and these say so.

import { UsageError } from "../host/output.js";
import type { Command } from "../table/command.js";

function leftToGcloud(command: string, text: string): Command {
  return {
    text,
    hasCommonFlags: false,
    run() {
      return Promise.reject(new UsageError(`use gcloud instead: ${command}`));
    },
  };
}

/** `iamcreds init`. */
export const init = leftToGcloud(
  "gcloud init",
  "Not provided: run gcloud init to log in and choose a project. iamcreds needs none of its settings.",
);

/** `iamcreds auth application-default login`. */
export const defaultLogin = leftToGcloud(
  "gcloud auth application-default login",
  "Not provided: run gcloud auth application-default login. iamcreds uses the credentials that it writes.",
);
