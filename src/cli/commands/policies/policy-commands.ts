// SPDX-License-Identifier: Apache-2.0
// The four commands for the policy of any resource that has one, as in gcloud. Does not know the resource.

import type { NewPolicy, Policy, RoleBinding, RoleBindingFilter } from "../../../iam-admin/index.js";
import { parseGivenJson, readGivenInput } from "../../host/given-file.js";
import type { Host } from "../../host/host.js";
import { UsageError } from "../../host/output.js";
import { printDryRun } from "../../print/dry-run.js";
import { plainJson } from "../../print/plain-json.js";
import { printResult } from "../../print/result.js";
import { type Caller, withCaller } from "../../source/caller.js";
import type { Command, Given, Positional } from "../../table/command.js";
import { dryRun } from "../../table/common-flags.js";
import { parseCondition, readConditionFile } from "./binding-condition.js";

/** A resource with a policy. */
interface PolicyResource {
  /** What it is called in sentences: `a service account`. Required. */
  readonly name: string;
  /** What gcloud calls it: `serviceAccount`. Required. */
  readonly kind: string;
  /** Where it stands in the arguments. Required. */
  readonly positional: Positional;
  /** `IAM` or `Projects`, for --dry-run. Required. */
  readonly service: string;
  /** The calls. */
  open(caller: Caller): PolicyCalls;
}

/** What is done with a policy. */
interface PolicyCalls {
  get(resource: string): Promise<Policy>;
  set(resource: string, policy: NewPolicy, updateMask: readonly string[] | undefined): Promise<Policy>;
  add(resource: string, binding: RoleBinding): Promise<Policy>;
  remove(resource: string, binding: RoleBindingFilter): Promise<Policy>;
}

/** The four commands. */
export interface PolicyCommands {
  readonly get: Command;
  readonly set: Command;
  readonly add: Command;
  readonly remove: Command;
}

const bindingFlags = {
  member: { value: "member", text: "user:…, serviceAccount:…, group:…, domain:… or principal://…" },
  role: { value: "role", text: "roles/…, or projects/P/roles/… for a custom role" },
  condition: {
    value: "expression=…,title=…",
    text: "when the binding applies: an expression in CEL, with a title and\noptionally a description; None for always",
  },
  "condition-from-file": { value: "file", isFile: true, text: "read the condition from this JSON file" },
};

// gcloud prints YAML; JSON is YAML, and needs no dependency.
function printPolicy(given: Given, host: Host, policy: Policy): void {
  printResult(given, host, { json: policy, text: `${JSON.stringify(plainJson(policy), undefined, 2)}\n` });
}

function readBinding(given: Given): RoleBinding {
  const [member, role] = [given.text("member"), given.text("role")];
  if (member === undefined) throw new UsageError("--member is missing: user:…, serviceAccount:…, group:…");
  if (role === undefined)
    throw new UsageError("--role is missing: a role such as roles/iam.serviceAccountTokenCreator");
  const [text, file] = [given.text("condition"), given.text("condition-from-file")];
  if (text !== undefined && file !== undefined) {
    throw new UsageError("--condition and --condition-from-file: set one of them, not both");
  }
  const condition = file === undefined ? parseCondition(text) : readConditionFile(file);
  return { role, member, ...(condition === undefined ? {} : { condition }) };
}

/** Reads a policy in JSON. The etag is text in the file and bytes in the request. */
async function readPolicy(path: string, host: Host): Promise<NewPolicy> {
  const document = parseGivenJson(await readGivenInput(path, "POLICY-FILE", host), "POLICY-FILE", path);
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new UsageError("POLICY-FILE must be a policy: an object with bindings and etag");
  }
  const { etag, ...policy } = document as NewPolicy & { etag?: unknown }; // as: the client checks it
  return { ...policy, ...(typeof etag === "string" ? { etag: Buffer.from(etag, "base64") } : {}) };
}

function bindingCommand(resource: PolicyResource, isAdding: boolean): Command {
  const { name, kind, positional, service, open } = resource;
  const all = isAdding
    ? {}
    : { all: { text: "remove the member from all bindings of the role, whatever their condition" } };
  return {
    text: `${isAdding ? "Grants a member a role on" : "Revokes a member's role on"} ${name}: reads the policy, changes only that binding, and writes it back. If somebody
else changed the policy in between, it tries again.`,
    positionals: [positional],
    flags: { Options: { ...bindingFlags, ...all, ...dryRun } },
    run: (given, host) =>
      withCaller(given, host, async (caller) => {
        const [id = ""] = given.positionals;
        const binding = readBinding(given);
        if (given.has("dry-run")) {
          const request = { resource: id, [isAdding ? "add" : "remove"]: binding };
          return printDryRun(given, host, { method: `${service}.SetIamPolicy`, request });
        }
        const calls = open(caller);
        const filter: RoleBindingFilter = !isAdding && given.has("all") ? { ...binding, condition: "any" } : binding;
        const policy = isAdding ? await calls.add(id, binding) : await calls.remove(id, filter);
        host.complain(`Updated IAM policy for ${kind} [${id}].\n`);
        printPolicy(given, host, policy);
        return 0;
      }),
  };
}

function getCommand({ name, positional, open }: PolicyResource): Command {
  return {
    text: `Prints the policy of ${name}: who can do what with it.`,
    positionals: [positional],
    run: (given, host) =>
      withCaller(given, host, async (caller) => {
        printPolicy(given, host, await open(caller).get(given.positionals[0] ?? ""));
        return 0;
      }),
  };
}

function setCommand({ name, kind, positional, service, open }: PolicyResource): Command {
  return {
    text: `Replaces the policy of ${name} with the contents of POLICY-FILE, which is JSON as get-iam-policy prints it; - stands for standard
input. Keep the etag: with it the service refuses to overwrite somebody else's change.`,
    positionals: [positional, { name: "POLICY-FILE", isFile: true }],
    flags: { Options: dryRun },
    run: (given, host) =>
      withCaller(given, host, async (caller) => {
        const [id = "", path = ""] = given.positionals;
        const policy = await readPolicy(path, host);
        const updateMask =
          policy.auditConfigs === undefined ? undefined : ["bindings", "etag", "version", "auditConfigs"];
        if (given.has("dry-run")) {
          return printDryRun(given, host, {
            method: `${service}.SetIamPolicy`,
            request: { resource: id, policy, updateMask },
          });
        }
        if (policy.etag === undefined)
          host.complain("POLICY-FILE has no etag: changes made by others in the meantime are lost.\n");
        const written = await open(caller).set(id, policy, updateMask);
        host.complain(`Updated IAM policy for ${kind} [${id}].\n`);
        printPolicy(given, host, written);
        return 0;
      }),
  };
}

/** The commands of a resource. */
export function policyCommands(resource: PolicyResource): PolicyCommands {
  return {
    get: getCommand(resource),
    set: setCommand(resource),
    add: bindingCommand(resource, true),
    remove: bindingCommand(resource, false),
  };
}
