// SPDX-License-Identifier: Apache-2.0
// Holds which services projects use, and the operations that change it. Does not know who may.

import { randomUUID } from "node:crypto";

/** The titles of the services that the emulator provides, by DNS name. Every project uses them unless told otherwise. */
const titles: ReadonlyMap<string, string> = new Map([
  ["cloudresourcemanager.googleapis.com", "Cloud Resource Manager API"],
  ["iam.googleapis.com", "Identity and Access Management (IAM) API"],
  ["iamcredentials.googleapis.com", "IAM Service Account Credentials API"],
  ["orgpolicy.googleapis.com", "Organization Policy API"],
  ["serviceusage.googleapis.com", "Service Usage API"],
  ["sts.googleapis.com", "Security Token Service API"],
]);

/** The title of a service; its DNS name if the emulator does not provide it. */
export function titleOf(service: string): string {
  return titles.get(service) ?? service;
}

/** A change to the services that a project uses. */
export interface ServiceChange {
  /** The project's id. Required. */
  readonly projectId: string;
  /** The services. Required. */
  readonly services: readonly string[];
  /** Whether they are to be enabled or disabled. Required. */
  readonly isEnabled: boolean;
  /** Whether they were asked for as a list. Required. */
  readonly isBatch: boolean;
}

/** A change that takes a while. */
export interface ServiceOperation extends ServiceChange {
  /** `operations/…`. Required. */
  readonly name: string;
  /** When it is in effect and done, in milliseconds since the epoch. Required. */
  readonly doneAt: number;
}

/** The exceptions to the rule that the emulator's services are on and all others off. */
export interface ServiceStates {
  /** What is off: a service, or `projects/{id}/services/{service}`. Required. */
  readonly disabled: readonly string[];
  /** What is on anyway: `projects/{id}/services/{service}`. Required. */
  readonly enabled: readonly string[];
}

interface Switch {
  readonly isEnabled: boolean;
  readonly wasEnabled: boolean;
  readonly startsAt: number;
}

const MAX_KEPT = 1000;

/** The services of the projects of one emulator. */
export class ServiceBook {
  readonly #now: () => number;
  readonly #start: ServiceStates;
  #disabled: ReadonlySet<string>;
  #enabled: ReadonlySet<string>;
  readonly #switches = new Map<string, Switch>();
  readonly #operations = new Map<string, ServiceOperation>();

  /**
   * @param now the clock, in milliseconds since the epoch
   * @param start what is off and on at the start
   */
  constructor(now: () => number, start: ServiceStates) {
    const { disabled, enabled } = start;
    this.#now = now;
    this.#start = start;
    this.#disabled = new Set(disabled);
    this.#enabled = new Set(enabled);
  }

  /** Whether a project uses a service. */
  isEnabled(projectId: string, service: string): boolean {
    const found = this.#switches.get(keyOf(projectId, service));
    if (found !== undefined) return found.startsAt <= this.#now() ? found.isEnabled : found.wasEnabled;
    return this.#startsEnabled(keyOf(projectId, service), service);
  }

  /** Whether every project uses a service, since nothing was ever switched. */
  isEnabledEverywhere(service: string): boolean {
    return this.#disabled.size === 0 && this.#switches.size === 0 && titles.has(service);
  }

  /** What is off and on once every change is in effect. */
  states(): ServiceStates {
    const off = new Set(this.#disabled);
    const on = new Set(this.#enabled);
    for (const [key, { isEnabled }] of this.#switches) {
      on.delete(key);
      off.delete(key);
      const service = key.slice(key.lastIndexOf("/") + 1);
      if (isEnabled === (titles.has(service) && !off.has(service))) continue;
      (isEnabled ? on : off).add(key);
    }
    return { disabled: [...off], enabled: [...on] };
  }

  #startsEnabled(key: string, service: string): boolean {
    if (this.#disabled.has(key)) return false;
    return this.#enabled.has(key) || (titles.has(service) && !this.#disabled.has(service));
  }

  /** The services that a project uses or could use, in order. */
  servicesOf(projectId: string): readonly string[] {
    const prefix = keyOf(projectId, "");
    const switched = [...this.#switches.keys(), ...this.#enabled].filter((key) => key.startsWith(prefix));
    return [...new Set([...titles.keys(), ...switched.map((key) => key.slice(prefix.length))])].sort();
  }

  /**
   * Begins a change.
   *
   * @param name of the operation
   * @param doneAt when it takes effect, in milliseconds since the epoch
   */
  begin(change: ServiceChange, projectNumber: string, doneAt: number): ServiceOperation {
    for (const service of change.services) {
      const wasEnabled = this.isEnabled(change.projectId, service);
      const { isEnabled } = change;
      this.#switches.set(keyOf(change.projectId, service), { isEnabled, wasEnabled, startsAt: doneAt });
    }
    const operation = { ...change, name: `operations/acf.p2-${projectNumber}-${randomUUID()}`, doneAt };
    const [oldest] = this.#operations.keys();
    if (this.#operations.size >= MAX_KEPT && oldest !== undefined) this.#operations.delete(oldest);
    this.#operations.set(operation.name, operation);
    return operation;
  }

  /** A change by the name of its operation; undefined when there is none. */
  findOperation(name: string): ServiceOperation | undefined {
    return this.#operations.get(name);
  }

  /** Forgets every change. */
  clear(): void {
    this.restore(this.#start);
  }

  /** Replaces all states, at once. */
  restore({ disabled, enabled }: ServiceStates): void {
    this.#disabled = new Set(disabled);
    this.#enabled = new Set(enabled);
    this.#switches.clear();
    this.#operations.clear();
  }
}

function keyOf(projectId: string, service: string): string {
  return `projects/${projectId}/services/${service}`;
}
