// SPDX-License-Identifier: Apache-2.0
// The drop-in in a bundle: a program that hands in what grpc-js alone understands must have the door of that in it.

require("iam-credentials-client/grpc-js");
require("./drop-in-plain.cjs");
