// SPDX-License-Identifier: Apache-2.0
// The message classes of the drop-in, by package: a door of its own, and `protos` of the other one. They load when they are touched.

export { google } from "../../generated/protobufjs/index.js";
