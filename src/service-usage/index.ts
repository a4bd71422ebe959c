// SPDX-License-Identifier: Apache-2.0
// The door of Service Usage for the program: exports by name, no logic. The package does not offer it.

export { ServiceUsageAsyncClient } from "./client.js";
export type { ListServicesRequest, Operation, Service } from "./requests.js";
