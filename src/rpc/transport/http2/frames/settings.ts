// SPDX-License-Identifier: Apache-2.0
// SETTINGS: writes ours, reads and checks the peer's. Source: RFC 9113, section 6.5. Does not apply them.

import type { FrameWriter } from "./frame-writer.js";
import {
  ConnectionError,
  DEFAULT_MAX_FRAME_SIZE,
  DEFAULT_WINDOW,
  ErrorCode,
  FrameType,
  MAX_WINDOW,
  PREFACE,
  Setting,
} from "./frames.js";

const LARGEST_FRAME = 16_777_215;

/** How much may be in flight on all streams together. */
export const CONNECTION_WINDOW: number = 4 * 1024 * 1024;
/** How far to read ahead of a stream's consumer: enough for a fast, distant server, little enough for many streams. */
export const STREAM_WINDOW: number = 256 * 1024;
/** The maximum size of a header list: Google's status details can be large. */
export const MAX_HEADER_LIST: number = 64 * 1024;

/** Writes what a client sends first. */
export function writePreface(writer: FrameWriter): void {
  writer.append(PREFACE);
  writer.settings([
    [Setting.ENABLE_PUSH, 0],
    [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
    [Setting.MAX_HEADER_LIST_SIZE, MAX_HEADER_LIST],
  ]);
  writer.number(FrameType.WINDOW_UPDATE, 0, CONNECTION_WINDOW - DEFAULT_WINDOW);
}

/** Settings by number, in order: if one comes twice, the last wins. */
export type PeerSettings = readonly (readonly [id: number, value: number])[];

/** The settings of a frame. @throws ConnectionError when one is wrong */
export function readSettings(bytes: Buffer, from: number, to: number): PeerSettings {
  if ((to - from) % 6 !== 0)
    throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a SETTINGS frame with the wrong length");
  const settings: (readonly [number, number])[] = [];
  for (let at = from; at < to; at += 6) {
    const id = bytes.readUInt16BE(at);
    const value = bytes.readUInt32BE(at + 2);
    checkSetting(id, value);
    settings.push([id, value]);
  }
  return settings;
}

function checkSetting(id: number, value: number): void {
  if (id === Setting.ENABLE_PUSH && value !== 0) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "SETTINGS of a server that enable push");
  }
  if (id === Setting.INITIAL_WINDOW_SIZE && value > MAX_WINDOW) {
    throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "SETTINGS with a window beyond 2^31-1");
  }
  if (id === Setting.MAX_FRAME_SIZE && (value < DEFAULT_MAX_FRAME_SIZE || value > LARGEST_FRAME)) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "SETTINGS with a frame size that is not allowed");
  }
}
