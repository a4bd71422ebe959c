// SPDX-License-Identifier: Apache-2.0
// A unary call with call options of grpc-js's own (interceptors, call credentials, host, parent, propagation), on a channel that is
// already open. Goes through grpc-js's Client, the only part that supports all of them.

import {
  type CallOptions,
  type ChannelInterface,
  Client,
  credentials,
  type Metadata,
  type StatusObject,
} from "@grpc/grpc-js";
import { Status } from "../../../base/causes/status.js";

/** Listens to the call; a channel's `createCall` takes the same. */
interface CallListener {
  onReceiveMetadata(metadata: Metadata): void;
  onReceiveMessage(bytes: Buffer): void;
  onReceiveStatus(status: StatusObject): void;
}

/** What is sent. */
interface OptionedCall {
  readonly path: string;
  readonly deadline: number;
  readonly metadata: Metadata;
  readonly bytes: Buffer;
  /** The options; a deadline among them is ignored. */
  readonly options: CallOptions;
}

const same = (bytes: Buffer): Buffer => bytes;

/** Starts the call. Returns a function that cancels it. */
export function startCallWithOptions(
  channel: ChannelInterface,
  { path, deadline, metadata, bytes, options }: OptionedCall,
  listener: CallListener,
): { cancelWithStatus(code: number, text: string): void } {
  // The credentials are not used: the channel has its own.
  const client = new Client(channel.getTarget(), credentials.createInsecure(), { channelOverride: channel });
  let message: Buffer | undefined;
  const call = client.makeUnaryRequest(path, same, same, bytes, metadata, { ...options, deadline }, (_error, reply) => {
    message = reply;
  });
  call.on("metadata", (headers) => listener.onReceiveMetadata(headers));
  // The client reports the reply once the status is there, and the status after it.
  call.on("status", (status) => {
    if (status.code === Status.OK && message !== undefined) listener.onReceiveMessage(message);
    listener.onReceiveStatus(status);
  });
  return { cancelWithStatus: () => call.cancel() };
}
