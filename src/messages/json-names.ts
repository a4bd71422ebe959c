// SPDX-License-Identifier: Apache-2.0
// The name of a field in JSON, and in our messages. Knows no field.

/** protoc's own rule: underscores go, and the letter behind one is a capital. Names along a path are each turned so. */
export function jsonNameOf(protoName: string): string {
  return protoName.replace(/_+([^.]?)/g, (_, letter: string) => letter.toUpperCase());
}
