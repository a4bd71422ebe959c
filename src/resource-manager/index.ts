// SPDX-License-Identifier: Apache-2.0
// The door of Resource Manager for the program: exports by name, no logic. The package does not offer it.

export { ProjectsAsyncClient } from "./client.js";
export type { Project, SearchProjectsRequest } from "./requests.js";
