// SPDX-License-Identifier: Apache-2.0
// `iamcreds iam roles list|describe|create|update|delete|undelete`, as in gcloud.

import type { IAMAsyncClient, NewRole, Role } from "../../../iam-admin/index.js";
import type { CallOptions } from "../../../index.js";
import { parseGivenJson, readGivenFile } from "../../host/given-file.js";
import { UsageError } from "../../host/output.js";
import { printDryRun } from "../../print/dry-run.js";
import { printList, printResult } from "../../print/result.js";
import { splitList, withCaller } from "../../source/caller.js";
import type { Command, Given, Positional } from "../../table/command.js";
import { dryRun, listing } from "../../table/common-flags.js";
import type { Flag } from "../../table/flags.js";

const role: Positional = { name: "ROLE" };
const organization: Readonly<Record<string, Flag>> = {
  organization: { value: "number", text: "the organization of the custom role, instead of --project" },
};
const STAGES = ["ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP"];
const content: Readonly<Record<string, Flag>> = {
  title: { value: "text", text: "human-readable name" },
  description: { value: "text", text: "human-readable description" },
  permissions: { value: "P[,P…]", isList: true, text: "permissions in the role" },
  stage: { value: STAGES.join("|"), text: "launch stage; default: ALPHA" },
  file: { value: "file", isFile: true, text: "read the role from this JSON file" },
};

/** The project or organization of custom roles; undefined: none is named. */
function parentOf(given: Given): string | undefined {
  const [number, project] = [given.text("organization"), given.text("project")];
  if (number !== undefined) return `organizations/${number}`;
  return project === undefined ? undefined : `projects/${project}`;
}

/** The name of a role: as given, or that of a custom one. */
function roleName(given: Given): string {
  const [name = ""] = given.positionals;
  if (name.includes("/")) return name;
  const parent = parentOf(given);
  if (parent === undefined)
    throw new UsageError("ROLE must be roles/…, or name the custom role's --project or --organization");
  return `${parent}/roles/${name}`;
}

function readFile(path: string): NewRole {
  const document = parseGivenJson(readGivenFile(path, "--file"), "--file", path);
  if (typeof document === "object" && document !== null) return document as NewRole; // as: the client checks it
  throw new UsageError("--file must be a role: an object with title and includedPermissions");
}

function readRole(given: Given): NewRole {
  const path = given.text("file");
  const { etag, ...fromFile } = path === undefined ? {} : (readFile(path) as NewRole & { etag?: unknown }); // as: from JSON
  const permissions = splitList(given, "permissions");
  const stage = given.text("stage")?.toUpperCase();
  const fields = { title: given.text("title"), description: given.text("description"), stage };
  return {
    ...fromFile,
    ...(typeof etag === "string" ? { etag: Buffer.from(etag, "base64") } : {}),
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    ...(permissions.length === 0 ? {} : { includedPermissions: permissions }),
  };
}

/** `iamcreds iam roles list`. */
export const listRoles: Command = {
  text: "Lists the predefined roles, or the custom roles of --project or --organization.",
  flags: {
    Options: {
      ...organization,
      "show-deleted": { text: "include deleted roles that can still be restored" },
      ...listing,
    },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const request = { parent: parentOf(given), showDeleted: given.has("show-deleted") };
      await printList<Role>(given, host, caller.adminClient().listRoles(request, caller.call), [
        { header: "NAME", cell: ({ name }) => name },
        { header: "TITLE", cell: ({ title }) => title },
        { header: "STAGE", cell: ({ stage }) => String(stage) },
        { header: "DELETED", cell: ({ deleted }) => (deleted ? "True" : "") },
      ]);
      return 0;
    }),
};

/** `iamcreds iam roles describe`. */
export const describeRole: Command = {
  text: "Describes a role with its permissions.",
  positionals: [role],
  flags: { Options: organization },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      printResult(given, host, { json: await caller.adminClient().getRole({ name: roleName(given) }, caller.call) });
      return 0;
    }),
};

/** `iamcreds iam roles create`. */
export const createRole: Command = {
  text: "Creates a custom role in a project or organization.",
  positionals: [role],
  flags: { Options: { ...organization, ...content, ...dryRun } },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const parent = parentOf(given);
      const [roleId = ""] = given.positionals;
      if (parent === undefined) throw new UsageError("--project or --organization is missing");
      const request = { parent, roleId, role: readRole(given) };
      if (given.has("dry-run")) return printDryRun(given, host, { method: "IAM.CreateRole", request });
      const created = await caller.adminClient().createRole(request, caller.call);
      host.complain(`Created role [${roleId}].\n`);
      printResult(given, host, { json: created });
      return 0;
    }),
};

/** `iamcreds iam roles update`. */
export const updateRole: Command = {
  text: "Updates the given fields of a custom role.",
  positionals: [role],
  flags: {
    Options: {
      ...organization,
      ...content,
      "add-permissions": { value: "P[,P…]", isList: true, text: "permissions to add" },
      "remove-permissions": { value: "P[,P…]", isList: true, text: "permissions to remove" },
      ...dryRun,
    },
  },
  run: (given, host) =>
    withCaller(given, host, async (caller) => {
      const name = roleName(given);
      const [added, removed] = [splitList(given, "add-permissions"), splitList(given, "remove-permissions")];
      let change = readRole(given);
      const client = caller.adminClient();
      if ((added.length > 0 || removed.length > 0) && !given.has("dry-run")) {
        const { includedPermissions, etag } = await client.getRole({ name }, caller.call);
        const kept = new Set([...(change.includedPermissions ?? includedPermissions), ...added]);
        change = { ...change, etag, includedPermissions: [...kept].filter((each) => !removed.includes(each)) };
      }
      const request = { name, role: change };
      if (given.has("dry-run"))
        return printDryRun(given, host, { method: "IAM.UpdateRole", request: { ...request, added, removed } });
      printResult(given, host, { json: await client.updateRole(request, caller.call) });
      return 0;
    }),
};

function stateCommand(
  text: string,
  method: string,
  run: (client: IAMAsyncClient, name: string, call: CallOptions) => Promise<Role>,
): Command {
  return {
    text,
    positionals: [role],
    flags: { Options: { ...organization, ...dryRun } },
    run: (given, host) =>
      withCaller(given, host, async (caller) => {
        const name = roleName(given);
        if (given.has("dry-run")) return printDryRun(given, host, { method, request: { name } });
        printResult(given, host, { json: await run(caller.adminClient(), name, caller.call) });
        return 0;
      }),
  };
}

/** `iamcreds iam roles delete`. */
export const deleteRole = stateCommand(
  "Deletes a custom role. It can be restored for seven days; until then its bindings remain but grant nothing.",
  "IAM.DeleteRole",
  (client, name, call) => client.deleteRole({ name }, call),
);

/** `iamcreds iam roles undelete`. */
export const undeleteRole = stateCommand(
  "Restores a custom role that was deleted less than seven days ago.",
  "IAM.UndeleteRole",
  (client, name, call) => client.undeleteRole({ name }, call),
);
