// SPDX-License-Identifier: Apache-2.0
// Where npm packages keep the proto files that Google publishes.

import { resolve } from "node:path";

const MODULES = resolve(__dirname, "../../node_modules");

/** Of the service, with Google's own client. */
export const PUBLISHED_PROTOS: string = resolve(MODULES, "@google-cloud/iam-credentials/build/protos");
/** Of what all Google APIs share: annotations, google.rpc, well-known types. */
export const SHARED_PROTOS: string = resolve(MODULES, "google-gax/build/protos");
/** Of the admin API and of policies. */
export const PUBLISHED_ADMIN_PROTOS: string = resolve(MODULES, "google-proto-files");
