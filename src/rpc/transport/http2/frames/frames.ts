// SPDX-License-Identifier: Apache-2.0
// The constants of HTTP/2: types, flags, settings and error codes, and the error for a peer that breaks the rules. Sends and reads nothing.

/** Types of frames. Source: RFC 9113, section 6. */
export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** Flags of frames; one bit means different things in frames of different types. Source: RFC 9113, section 6. */
export const Flag = { END_STREAM: 0x1, ACK: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

/** The settings that matter here. Source: RFC 9113, section 6.5.2. */
export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** Why a stream or a connection ended. Source: RFC 9113, section 7. */
export const ErrorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

const ERROR_NAMES = Object.keys(ErrorCode);

/** The name of an error code; the number if it is unknown. */
export function errorCodeName(code: number): string {
  return ERROR_NAMES[code] ?? `error code ${code}`;
}

/** The size of a frame header in octets. Source: RFC 9113, section 4.1. */
export const HEAD_SIZE = 9;

/** The longest payload that a side accepts unless it says otherwise, and that our side always accepts. Source: RFC 9113, section 4.2. */
export const DEFAULT_MAX_FRAME_SIZE = 16_384;

/** The window of a connection, and of a stream unless SETTINGS say otherwise. Source: RFC 9113, section 6.9.2. */
export const DEFAULT_WINDOW = 65_535;

/** The maximum size of a window. Source: RFC 9113, section 6.9.1. */
export const MAX_WINDOW = 0x7fff_ffff;

/** What every client sends first. Source: RFC 9113, section 3.4. */
export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** The peer breaks the rules in a way that ends the connection. Source: RFC 9113, section 5.4.1. */
export class ConnectionError extends Error {
  static {
    ConnectionError.prototype.name = "ConnectionError";
  }

  /** The code to send to the peer. */
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** The peer speaks HTTP/1. */
export class Http1Answer extends ConnectionError {
  constructor() {
    super(ErrorCode.PROTOCOL_ERROR, "the peer answered in HTTP/1 and does not speak HTTP/2");
  }
}
