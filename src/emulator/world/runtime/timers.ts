// SPDX-License-Identifier: Apache-2.0
// The timer functions, as they are when the emulator is loaded. A test that fakes timers later fakes its own, and not those that real sockets
// wait by; and Jest takes its globals away while sockets of an emulator that a test left open are still closing. Knows nothing that waits.

/** `setTimeout`, `clearTimeout`, `setInterval`, `clearInterval` and `setImmediate`, the real ones whatever a test fakes. */
export const {
  setTimeout: startTimer,
  clearTimeout: stopTimer,
  setInterval: startRepeating,
  clearInterval: stopRepeating,
  setImmediate: afterTheLoop,
} = globalThis;
