// SPDX-License-Identifier: Apache-2.0
// Process warnings, each code once, as google-gax emits them. Knows no client.

const emitted = new Set<string>();

/** Emits a warning unless one of the same code was emitted before. @param warnType such as `DeprecationWarning` */
export function warn(code: string, message: string, warnType?: string): void {
  if (emitted.has(code)) return;
  emitted.add(code);
  if (warnType === undefined) process.emitWarning(message);
  else process.emitWarning(message, { type: warnType });
}
