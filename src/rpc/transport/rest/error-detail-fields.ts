// SPDX-License-Identifier: Apache-2.0
// The fields of the google.rpc.* error details, so that JSON gives the same details as protobuf does. A table; decodes nothing.
// Source: google/rpc/error_details.proto; a test compares it with the generated stubs.

import { type MessageFields, mapOf, messageOf, repeated } from "../../../messages/message-fields.js";

const localizedMessage: MessageFields = { locale: "string", message: "string" };

/** The fields of each detail by the name of its message in `google.rpc`. */
export const ERROR_DETAIL_FIELDS: Readonly<Record<string, MessageFields>> = {
  ErrorInfo: { reason: "string", domain: "string", metadata: mapOf("string") },
  RetryInfo: { retryDelay: "duration" },
  DebugInfo: { stackEntries: repeated("string"), detail: "string" },
  QuotaFailure: {
    violations: repeated(
      messageOf({
        subject: "string",
        description: "string",
        apiService: "string",
        quotaMetric: "string",
        quotaId: "string",
        quotaDimensions: mapOf("string"),
        quotaValue: "int64",
        futureQuotaValue: { kind: "optional", of: "int64" },
      }),
    ),
  },
  PreconditionFailure: {
    violations: repeated(messageOf({ type: "string", subject: "string", description: "string" })),
  },
  BadRequest: {
    fieldViolations: repeated(
      messageOf({
        field: "string",
        description: "string",
        reason: "string",
        localizedMessage: messageOf(localizedMessage),
      }),
    ),
  },
  RequestInfo: { requestId: "string", servingData: "string" },
  ResourceInfo: { resourceType: "string", resourceName: "string", owner: "string", description: "string" },
  Help: { links: repeated(messageOf({ description: "string", url: "string" })) },
  LocalizedMessage: localizedMessage,
};
