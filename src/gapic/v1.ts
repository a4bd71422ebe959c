// SPDX-License-Identifier: Apache-2.0
// The one version of the API, by the name that the original gives it.

export { IAMCredentialsClient } from "./client.js";
