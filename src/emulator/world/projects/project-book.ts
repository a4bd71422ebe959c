// SPDX-License-Identifier: Apache-2.0
// Knows the ids and numbers of projects. Every well-formed project exists; those with an account, a policy or a given number are
// listed. Does not know what is in them.

import { createHash } from "node:crypto";
import { isProjectId, isProjectReference } from "../names/project-ids.js";
import type { EmulatorProject } from "./project-options.js";

// Twelve digits, the same for the same id in every emulator.
function deriveNumber(id: string): string {
  const digest = createHash("sha256").update(id).digest();
  return String((digest.readBigUInt64BE(0) % 800_000_000_000n) + 200_000_000_000n);
}

/** The projects of one emulator. */
export class ProjectBook {
  /** When they were created, in milliseconds since the epoch. */
  readonly createdAt: number;
  readonly #numbers: ReadonlyMap<string, string>;
  readonly #used: () => Iterable<string>;

  /**
   * @param createdAt when they were created, in milliseconds since the epoch
   * @param given those whose numbers are given; of two numbers the later wins
   * @param used the ids of those that contain something
   */
  constructor(createdAt: number, given: readonly EmulatorProject[], used: () => Iterable<string>) {
    this.createdAt = createdAt;
    this.#numbers = new Map(given.map(({ id, number }) => [id, number]));
    this.#used = used;
  }

  /** The number of a project: the one that is given, or one that follows from its id. */
  numberOf(id: string): string {
    return this.#numbers.get(id) ?? deriveNumber(id);
  }

  /** The projects whose numbers are given. */
  given(): readonly EmulatorProject[] {
    return [...this.#numbers].map(([id, number]) => ({ id, number }));
  }

  /** The id of a project by its id or number; undefined when it is neither. */
  find(idOrNumber: string): string | undefined {
    if (isProjectId(idOrNumber)) return idOrNumber;
    return isProjectReference(idOrNumber) ? this.all().find((id) => this.numberOf(id) === idOrNumber) : undefined;
  }

  /** The ids of the projects that are known, in order. */
  all(): readonly string[] {
    return [...new Set([...this.#numbers.keys(), ...this.#used()])].sort();
  }
}
