// SPDX-License-Identifier: Apache-2.0
// Turns the details of a fault, written as JSON with `@type`, into the messages of google.rpc. Does not know what struck.

import {
  BadRequest,
  DebugInfo,
  ErrorInfo,
  Help,
  LocalizedMessage,
  PreconditionFailure,
  QuotaFailure,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
} from "../../../../generated/google/rpc/error_details.js";

/** A detail of an error as JSON: `@type` and the fields of that message, in lowerCamelCase. */
export interface EmulatorErrorDetail {
  /** The message's type, `type.googleapis.com/google.rpc.RetryInfo` for one. Required. */
  readonly "@type": string;
  /** The fields of the message. */
  readonly [field: string]: unknown;
}

/** A detail as it goes into google.rpc.Status. */
export interface EncodedDetail {
  /** The type's URL. Required. */
  readonly typeUrl: string;
  /** The message's bytes. Required. */
  readonly value: Buffer;
}

type Fields = Readonly<Record<string, unknown>>;

const PREFIX = "type.googleapis.com/google.rpc.";

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? (value as readonly Fields[]) : []);

function textMap(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, text(each)]));
}

// proto3 JSON: "1.5s".
function readDuration(value: unknown): { seconds: string; nanos: number } {
  const parts = /^(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text(value));
  if (parts === null) throw new TypeError(`retryDelay must be a duration like "1.5s", not ${JSON.stringify(value)}`);
  return { seconds: parts[1] ?? "0", nanos: Number((parts[2] ?? "").padEnd(9, "0")) };
}

const encoders: Readonly<Record<string, (fields: Fields) => Uint8Array>> = {
  ErrorInfo: ({ reason, domain, metadata }) =>
    ErrorInfo.encode({ reason: text(reason), domain: text(domain), metadata: textMap(metadata) }).finish(),
  RetryInfo: ({ retryDelay }) => RetryInfo.encode({ retryDelay: readDuration(retryDelay) }).finish(),
  DebugInfo: ({ stackEntries, detail }) =>
    DebugInfo.encode({
      stackEntries: Array.isArray(stackEntries) ? stackEntries.map(text) : [],
      detail: text(detail),
    }).finish(),
  QuotaFailure: ({ violations }) =>
    QuotaFailure.encode({
      violations: list(violations).map((each) => ({
        subject: text(each["subject"]),
        description: text(each["description"]),
        apiService: text(each["apiService"]),
        quotaMetric: text(each["quotaMetric"]),
        quotaId: text(each["quotaId"]),
        quotaDimensions: textMap(each["quotaDimensions"]),
        quotaValue: text(each["quotaValue"]) || "0",
      })),
    }).finish(),
  PreconditionFailure: ({ violations }) =>
    PreconditionFailure.encode({
      violations: list(violations).map(({ type, subject, description }) => ({
        type: text(type),
        subject: text(subject),
        description: text(description),
      })),
    }).finish(),
  BadRequest: ({ fieldViolations }) =>
    BadRequest.encode({
      fieldViolations: list(fieldViolations).map(({ field, description, reason }) => ({
        field: text(field),
        description: text(description),
        reason: text(reason),
        localizedMessage: undefined,
      })),
    }).finish(),
  RequestInfo: ({ requestId, servingData }) =>
    RequestInfo.encode({ requestId: text(requestId), servingData: text(servingData) }).finish(),
  ResourceInfo: ({ resourceType, resourceName, owner, description }) =>
    ResourceInfo.encode({
      resourceType: text(resourceType),
      resourceName: text(resourceName),
      owner: text(owner),
      description: text(description),
    }).finish(),
  Help: ({ links }) =>
    Help.encode({
      links: list(links).map(({ description, url }) => ({ description: text(description), url: text(url) })),
    }).finish(),
  LocalizedMessage: ({ locale, message }) =>
    LocalizedMessage.encode({ locale: text(locale), message: text(message) }).finish(),
};

/**
 * Encodes a detail.
 *
 * @throws TypeError when its type is none of google/rpc/error_details.proto
 */
export function encodeErrorDetail(detail: EmulatorErrorDetail): EncodedDetail {
  const { "@type": typeUrl, ...fields } = detail;
  const name = typeof typeUrl === "string" && typeUrl.startsWith(PREFIX) ? typeUrl.slice(PREFIX.length) : "";
  const encode = Object.hasOwn(encoders, name) ? encoders[name] : undefined;
  if (encode === undefined) {
    const known = Object.keys(encoders).join(", ");
    throw new TypeError(`@type must be ${PREFIX} and one of ${known}, not ${JSON.stringify(typeUrl)}`);
  }
  return { typeUrl, value: Buffer.from(encode(fields)) };
}
