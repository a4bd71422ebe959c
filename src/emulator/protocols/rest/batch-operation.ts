// SPDX-License-Identifier: Apache-2.0
// Runs the requests of a batch, one after the other, each on the road of its own operation. Decides nothing about them. Finds only the
// REST API's operations.

import { ServiceError } from "../../world/refusals/service-error.js";
import { httpOperation, type IncomingRequest, identifyNobody, type OutgoingAnswer } from "../http/http-operation.js";
import { httpStatusOf } from "../http/http-status.js";
import type { HttpWire } from "../http/http-wire.js";
import type { OperationRow, OperationTable } from "../http/operation-table.js";
import { notFoundPage, pageAnswer } from "../http/page.js";
import { serveOperation } from "../http/serve-operation.js";
import type { RoadWorld } from "../road/run-operation.js";
import { type BatchPart, readBatch, writeBatch } from "./batch-parts.js";
import { formatErrorBody } from "./error-body.js";

const MAX_PARTS = 1000; // as many as Google's client for Python sends
const MAX_BODY_BYTES = 6 * 1024 * 1024;
const PACE = { graceMs: 10_000, bytesPerSecond: 0 }; // the whole batch has arrived

// Headers that apply to the batch and not to its parts: about its body, the form of its answer, and where it came from.
const ofTheBatch = /^(content-|accept-encoding$|transfer-encoding$|connection$|te$|x-http-method-override$)/;

function wireOf(
  batch: IncomingRequest,
  { method, target, headers, body }: BatchPart,
  send: (answer: OutgoingAnswer) => void,
): HttpWire {
  const shared = Object.fromEntries(Object.entries(batch.headers).filter(([name]) => !ofTheBatch.test(name)));
  const own = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "accept-encoding"));
  const { authorization } = headers;
  const cut = () => send(pageAnswer(503, "Service Unavailable", "The connection of this request was cut."));
  return {
    method,
    target,
    headers: { ...shared, ...own, ...(batch.headers.host === undefined ? {} : { host: batch.headers.host }) },
    authorization: authorization === undefined ? batch.authorization : [authorization],
    thumbprint: batch.thumbprint,
    body: (async function* () {
      yield body;
    })(),
    abandoned: batch.abandoned,
    send,
    // There is only the batch's connection.
    truncate: cut,
    sever: cut,
  };
}

async function answerPart(
  world: RoadWorld,
  find: OperationTable["find"],
  batch: IncomingRequest,
  part: BatchPart,
): Promise<OutgoingAnswer> {
  const path = part.target.replace(/[?#].*$/s, "");
  if (part.method === "") return pageAnswer(400, "Bad Request", "This part of the batch is not an HTTP request.");
  const [first, ...others] = find(part.method, path);
  if (first === undefined) return notFoundPage(path);
  let answered: OutgoingAnswer | undefined;
  const wire = wireOf(batch, part, (answer) => {
    answered = answer;
  });
  await serveOperation(world, { method: part.method, path, matches: [first, ...others] }, wire, PACE);
  return answered ?? notFoundPage(path);
}

/**
 * The paths of batches.
 *
 * @param find finds the operations of the REST API
 */
export function batchRows(world: RoadWorld, find: OperationTable["find"]): OperationRow[] {
  const operation = httpOperation({
    name: "batch",
    service: "www.googleapis.com",
    isControl: true, // its parts are logged as calls, not the batch
    maxBodyBytes: MAX_BODY_BYTES,
    identify: identifyNobody,
    async run(request) {
      const parts = readBatch(request.body, request.headers["content-type"] ?? "");
      if (parts === undefined || parts.length === 0 || parts.length > MAX_PARTS) {
        const what = `The body of a batch must be multipart/mixed, with 1 to ${MAX_PARTS} parts of application/http.`;
        throw new ServiceError("INVALID_ARGUMENT", what);
      }
      const answers = [];
      for (const part of parts) answers.push({ id: part.id, answer: await answerPart(world, find, request, part) });
      return writeBatch(answers);
    },
    refuse: (refusal) => ({
      code: httpStatusOf(refusal),
      contentType: "application/json; charset=UTF-8",
      body: JSON.stringify(formatErrorBody(refusal, "2"), undefined, 2),
    }),
  });
  return [
    ["POST", "/batch", operation],
    ["POST", "/batch/{api=**}", operation],
  ];
}
