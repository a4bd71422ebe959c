// SPDX-License-Identifier: Apache-2.0
// Writes grants as what creates them elsewhere: commands of gcloud and iamcreds, and Terraform. Decides no grant.

import { projectOf } from "../world/names/project-ids.js";
import type { EmulatorGrantCondition, EmulatorNeededGrant } from "./needed-grants.js";

/** The forms in which needed grants are written as text. */
export type EmulatorGrantsFormat = "gcloud" | "iamcreds" | "terraform";

// Quotes for a shell: in single quotes, unless it is plain.
function quote(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

// gcloud splits at commas unless another delimiter is given (gcloud topic escaping); iamcreds keeps commas within an expression.
function formatCondition({ expression, title }: EmulatorGrantCondition, program: "gcloud" | "iamcreds"): string {
  const isPlain = program === "iamcreds" || !`${expression}${title}`.includes(",");
  if (isPlain) return `expression=${expression},title=${title}`;
  const delimiter = [":", "|", ";", "#", "~~"].find((each) => !`${expression}${title}`.includes(each)) ?? "@@@";
  return `^${delimiter}^expression=${expression}${delimiter}title=${title}`;
}

function formatCommand(
  { member, role, serviceAccount, project = "", condition }: EmulatorNeededGrant,
  program: "gcloud" | "iamcreds",
): string {
  const command = serviceAccount === undefined ? "projects" : "iam service-accounts";
  const when = condition === undefined ? "None" : formatCondition(condition, program);
  const flags = [`--member=${member}`, `--role=${role}`, `--condition=${when}`].map(quote);
  return `${program} ${command} add-iam-policy-binding ${quote(serviceAccount ?? project)} ${flags.join(" ")}`;
}

// HCL strings are in double quotes, with template markers doubled.
function hcl(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, "$&$&");
}

function resourceName({ member, role }: EmulatorNeededGrant, taken: Set<string>): string {
  const slug = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, "_");
  const base = `${slug(member.replace(/@.*$/, ""))}_${slug(role.slice(role.lastIndexOf("/") + 1))}`;
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base}_${number}`;
  taken.add(name);
  return name;
}

// As `terraform fmt` does it.
function formatAttributes(attributes: Readonly<Record<string, string>>, indent: string): string {
  const width = Math.max(...Object.keys(attributes).map((name) => name.length));
  const lines = Object.entries(attributes).map(([name, text]) => `${indent}${name.padEnd(width)} = ${hcl(text)}\n`);
  return lines.join("");
}

function formatResource(grant: EmulatorNeededGrant, name: string): string {
  const { member, role, serviceAccount, project = "", condition } = grant;
  const isOnAccount = serviceAccount !== undefined;
  const type = isOnAccount ? "google_service_account_iam_member" : "google_project_iam_member";
  const target: Record<string, string> = isOnAccount
    ? { service_account_id: `projects/${projectOf(serviceAccount)}/serviceAccounts/${serviceAccount}` }
    : { project };
  const when = condition === undefined ? "" : `\n  condition {\n${formatAttributes({ ...condition }, "    ")}  }\n`;
  return `resource "${type}" "${name}" {\n${formatAttributes({ ...target, role, member }, "  ")}${when}}\n`;
}

/** Writes grants; an empty string when there are none. */
export function formatNeededGrants(grants: readonly EmulatorNeededGrant[], format: EmulatorGrantsFormat): string {
  if (format === "terraform") {
    const taken = new Set<string>();
    return grants.map((grant) => formatResource(grant, resourceName(grant, taken))).join("\n");
  }
  return grants.map((grant) => `${formatCommand(grant, format)}\n`).join("");
}
