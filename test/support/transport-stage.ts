// SPDX-License-Identifier: Apache-2.0
// Transports over real sockets that the tests of a file open, each closed at the end of its test; and what is judged alike of all of
// them: an aborted call, and a close without a grace.

import { afterEach, expect } from "@jest/globals";
import type { Transport } from "../../src/rpc/transport/transport.js";
import { countCall, signBlobCall } from "./counter-calls.js";
import { never, startRecordingServer } from "./recording-server.js";
import { rejectionOf, rpcErrorOf } from "./rejection-of.js";
import { waitUntil } from "./wait-until.js";

/** A transport with streams that counts its connections. */
interface StageTransport extends Required<Pick<Transport, "stream">>, Omit<Transport, "stream"> {
  readonly connectionCount: number;
}

/** The settings that the stage gives, unless a test gives others. */
interface StageSettings {
  readonly target: string;
  readonly isInsecure?: boolean | undefined;
}

/** Opens a transport to a host. */
type OpenTransport<T, Settings> = (target: string, settings?: Partial<Settings>) => T;

/** Sets the stage for the tests of a file: what opens a transport for each of them. */
export function stageTransports<T extends StageTransport, Settings extends StageSettings>(
  make: (settings: StageSettings & Partial<Settings>) => T,
): OpenTransport<T, Settings> {
  const opened: T[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((transport) => transport.close(0)));
  });
  return (target, settings) => {
    const transport = make({ target, isInsecure: true, ...settings } as StageSettings & Partial<Settings>); // as: a spread of generics
    opened.push(transport);
    return transport;
  };
}

/** Expects calls whose signal has aborted to end with its reason, and nothing of them to be sent. */
export async function expectAbortedCallsUnsent(open: (host: string) => StageTransport): Promise<void> {
  await using server = await startRecordingServer();
  const transport = open(server.host);
  const reason = new Error("not needed");
  const signal = AbortSignal.abort(reason);
  expect(await rejectionOf(transport.unary(signBlobCall("x", { signal })))).toBe(reason);
  expect(await rejectionOf(transport.stream(countCall(3, { signal })).next())).toBe(reason);
  expect([server.calls, transport.connectionCount]).toEqual([[], 0]);
}

/** Expects a close with a grace of 0 to cancel what is in flight, and calls after it to be refused. @returns what was closed */
export async function expectClosedAtOnce<T extends StageTransport>(open: (host: string) => T): Promise<T> {
  await using server = await startRecordingServer({ handler: never });
  const transport = open(server.host);
  const failure = rpcErrorOf(transport.unary(signBlobCall()));
  await waitUntil("the call has come", () => server.calls.length === 1);
  await transport.close(0);
  expect((await failure).message).toBe("IAMCredentials.SignBlob: CANCELLED: the transport was closed");
  expect((await rpcErrorOf(transport.unary(signBlobCall()))).message).toBe(
    "IAMCredentials.SignBlob: CANCELLED: the transport is closed",
  );
  expect(await rpcErrorOf(transport.stream(countCall(1)).next())).toMatchObject({ status: "CANCELLED" });
  return transport;
}
