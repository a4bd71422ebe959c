// SPDX-License-Identifier: Apache-2.0
// The one exchange that every client here makes: what is asked, what is answered, what goes along. Loads nothing, because it is
// part of every cold start.

const ACCOUNT = "projects/-/serviceAccounts/robot@my-project.iam.gserviceaccount.com";

/** The request in the form that both full clients take. */
exports.request = {
  name: ACCOUNT,
  delegates: [],
  scope: ["https://www.googleapis.com/auth/cloud-platform"],
  lifetime: { seconds: 3600 },
};

/** The same as a ts-proto message. */
exports.message = { ...exports.request, lifetime: { seconds: "3600", nanos: 0 } };

/** Who calls. As long as a real token; not one. */
exports.authorization = `Bearer ${"caller-of-the-benchmark-".repeat(9)}`;

/** Whether a call carries it, or a token that the client has signed with the key of the bench. */
exports.isAuthorized = (value) =>
  value === exports.authorization || /^Bearer [\w-]{20,}\.[\w-]{100,}\.[\w-]{300,}$/.test(value);

/** What a client without a runtime of its own must send, so that all send the same. */
exports.metadata = {
  authorization: exports.authorization,
  "x-goog-request-params": `name=${encodeURIComponent(ACCOUNT)}`,
  "x-goog-api-client": `gl-node/${process.versions.node} grpc/1.14.7 gax/0.1.0 gapic/0.1.0`,
};

/** What the server answers. As long as a real one. */
exports.reply = { accessToken: "minted-by-the-benchmark-".repeat(9), expireTime: { seconds: "1893456000", nanos: 0 } };

/** The same instant as proto3 JSON has it. */
exports.REST_EXPIRE_TIME = "2030-01-01T00:00:00Z";

/** The deadline of a call. */
exports.TIMEOUT_MS = 60_000;
