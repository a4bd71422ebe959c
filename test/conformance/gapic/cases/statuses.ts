// SPDX-License-Identifier: Apache-2.0
// Statuses of the service, with and without details, in promise and callback form, and answers that cannot be read.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Root } from "protobufjs";
import { type Case, callCase } from "../case.js";

interface Detail {
  readonly type: string;
  readonly value: Uint8Array;
}

// What the original decodes with; here it only encodes.
const published = join(require.resolve("google-gax"), "../../protos/status.json");
const root = Root.fromJSON(JSON.parse(readFileSync(published, "utf8")));

function encode(type: string, message: object): Uint8Array {
  const found = root.lookupType(`google.rpc.${type}`);
  return found.encode(found.fromObject(message)).finish();
}

const detail = (type: string, message: object): Detail => ({
  type: `type.googleapis.com/google.rpc.${type}`,
  value: encode(type, message),
});

function encodeStatus(details: readonly Detail[]): Uint8Array {
  const listed = details.map(({ type, value }) => ({ type_url: type, value }));
  return encode("Status", { code: 7, message: "denied", details: listed });
}

const errorInfo = detail("ErrorInfo", {
  reason: "IAM_PERMISSION_DENIED",
  domain: "iam.googleapis.com",
  metadata: { permission: "iam.serviceAccounts.signBlob", ä: "ö" },
});

const DETAILS: Record<string, readonly Detail[]> = {
  none: [],
  ErrorInfo: [errorInfo],
  "an ErrorInfo that is empty": [detail("ErrorInfo", {})],
  "two ErrorInfos": [errorInfo, detail("ErrorInfo", { reason: "SECOND", domain: "b", metadata: { c: "d" } })],
  RetryInfo: [detail("RetryInfo", { retryDelay: { seconds: 3, nanos: 500 } })],
  DebugInfo: [detail("DebugInfo", { stackEntries: ["a:1", "b:2"], detail: "stack" })],
  QuotaFailure: [detail("QuotaFailure", { violations: [{ subject: "p", description: "too much" }] })],
  PreconditionFailure: [detail("PreconditionFailure", { violations: [{ type: "T", subject: "s", description: "d" }] })],
  BadRequest: [detail("BadRequest", { fieldViolations: [{ field: "name", description: "wrong" }] })],
  RequestInfo: [detail("RequestInfo", { requestId: "r", servingData: "s" })],
  ResourceInfo: [detail("ResourceInfo", { resourceType: "t", resourceName: "n", owner: "o", description: "d" })],
  Help: [detail("Help", { links: [{ description: "d", url: "https://a.example" }] })],
  LocalizedMessage: [detail("LocalizedMessage", { locale: "de", message: "Nein" })],
  "several kinds": [detail("Help", { links: [] }), errorInfo, detail("RequestInfo", { requestId: "r" })],
  "a type that nobody knows": [{ type: "type.googleapis.com/a.b.Unknown", value: Buffer.from("x") }],
  "a type that nobody knows beside one": [{ type: "type.googleapis.com/a.b.C", value: Buffer.from("x") }, errorInfo],
  "a type of another host": [{ type: "types.example.com/google.rpc.ErrorInfo", value: errorInfo.value }],
  "a type without a host": [{ type: "google.rpc.ErrorInfo", value: errorInfo.value }],
  "a detail that is broken": [{ type: errorInfo.type, value: Buffer.from("ffff", "hex") }],
  "a detail that is broken beside one": [{ type: errorInfo.type, value: Buffer.from("ffff", "hex") }, errorInfo],
  "a message of the service itself": [
    {
      type: "type.googleapis.com/google.iam.credentials.v1.SignBlobResponse",
      value: Buffer.from("0a036b2d31", "hex"),
    },
  ],
  "an Any within an Any": [{ type: "type.googleapis.com/google.protobuf.Any", value: Buffer.from("0a0161", "hex") }],
  "a Duration": [{ type: "type.googleapis.com/google.protobuf.Duration", value: Buffer.from("0805", "hex") }],
};

const FORMS = ["promise", "callback"] as const;

const withDetails = Object.entries(DETAILS).flatMap(([what, details]) =>
  FORMS.map((form) =>
    callCase(`status: details: ${what}, ${form}`, {
      form,
      last: {
        code: 7,
        details: "denied",
        metadata: { "grpc-status-details-bin": Buffer.from(encodeStatus(details)), "x-more": "trailers" },
      },
    }),
  ),
);

const withCodes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 99].flatMap((code) =>
  FORMS.map((form) =>
    callCase(`status: code ${code}, not retried, ${form}`, {
      form,
      options: () => ({ retry: null }),
      last: { code, details: `the text of ${code}` },
    }),
  ),
);

const odd: Case[] = [
  callCase("status: details that are no Status", {
    last: { code: 7, metadata: { "grpc-status-details-bin": Buffer.from("garbage, not a message") } },
  }),
  callCase("status: no text", { last: { code: 5, details: "" } }),
  callCase("status: a text that is not ASCII", { last: { code: 5, details: "Straße 100% 😀" } }),
  callCase("status: a text of several lines", { last: { code: 5, details: "a\nb\tc" } }),
  callCase("status: trailers, text and bytes", {
    last: { code: 9, metadata: { "x-text": "a, b", "x-bytes-bin": Buffer.from([0, 255]) } },
  }),
  ...FORMS.flatMap((form) => [
    callCase(`answer: bytes that are no message, ${form}`, { form, last: { bytes: "ffffff" } }),
    callCase(`answer: an empty message, ${form}`, { form, last: { bytes: "" } }),
    callCase(`answer: an empty message of a token, ${form}`, {
      form,
      method: "generateAccessToken",
      last: { bytes: "" },
    }),
    callCase(`answer: fields that nobody knows, ${form}`, { form, last: { bytes: "0a016b22014af2070161" } }),
    callCase(`answer: text that is not UTF-8, ${form}`, { form, last: { bytes: "0a02c328" } }),
    callCase(`answer: a field of another type, ${form}`, { form, last: { bytes: "0805" } }),
    callCase(`answer: an expiry before 1970, ${form}`, {
      form,
      method: "generateAccessToken",
      last: { bytes: "1a0e08ffffffffffffffffff0110ff01" },
    }),
    callCase(`answer: an expiry that is shorter than what it holds, ${form}`, {
      form,
      method: "generateAccessToken",
      last: { bytes: "1a0d08ffffffffffffffffff0110ff01" },
    }),
    callCase(`answer: an expiry that is empty, ${form}`, {
      form,
      method: "generateAccessToken",
      last: { bytes: "0a01611a00" },
    }),
    callCase(`answer: a field twice, ${form}`, { form, last: { bytes: "0a01610a0162220163220164" } }),
  ]),
];

/** All of them. */
export const statusCases: Case[] = [...withDetails, ...withCodes, ...odd];
