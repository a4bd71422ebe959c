// SPDX-License-Identifier: Apache-2.0
// Whether two types are the same, for the compiler alone.

/** `true` when the types are the same, also in what is optional and read-only; else `false`. */
export type IsExactly<Actual, Expected> =
  (<T>() => T extends Actual ? 1 : 2) extends <T>() => T extends Expected ? 1 : 2 ? true : false;
