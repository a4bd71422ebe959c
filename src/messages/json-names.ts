// SPDX-License-Identifier: Apache-2.0
// The name of a field in JSON, and in our messages. Knows no field.

/** protoc's own rule: underscores are removed, and the letter after each becomes a capital. Applies to each name in a path. */
export function jsonNameOf(protoName: string): string {
  return protoName.replace(/_+([^.]?)/g, (_, letter: string) => letter.toUpperCase());
}
