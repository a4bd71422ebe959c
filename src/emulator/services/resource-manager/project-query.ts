// SPDX-License-Identifier: Apache-2.0
// Reads queries for projects: `id:my-* state:ACTIVE`. Source: the documentation of projects.search. Knows no world.

import { type Project, Project_State } from "../../../../generated/google/cloud/resourcemanager/v3/projects.js";
import { invalidArgument } from "../../world/refusals/service-error.js";

const fields: Readonly<Record<string, (project: Project) => string>> = {
  displayName: ({ displayName }) => displayName,
  id: ({ projectId }) => projectId,
  name: ({ displayName }) => displayName,
  parent: ({ parent }) => parent,
  projectId: ({ projectId }) => projectId,
  projectNumber: ({ name }) => name.slice("projects/".length),
  state: ({ state }) => (state === Project_State.ACTIVE ? "ACTIVE" : "DELETE_REQUESTED"),
};

type IsWanted = (project: Project) => boolean;

function parseTerm(term: string): IsWanted {
  const [, name = "", value = ""] = /^([A-Za-z][A-Za-z.]*)[:=]"?([^"]+)"?$/.exec(term) ?? [];
  const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (name.startsWith("labels.")) return () => false; // none has labels
  if (read === undefined) throw invalidArgument();
  const wanted = value.toLowerCase();
  if (!wanted.endsWith("*")) return (project) => read(project).toLowerCase() === wanted;
  return (project) => read(project).toLowerCase().startsWith(wanted.slice(0, -1));
}

/**
 * Reads a query: terms that must all hold; a value may end in a star and is case-insensitive.
 *
 * @throws ServiceError INVALID_ARGUMENT when it is malformed
 */
export function parseProjectQuery(query: string): IsWanted {
  const terms = query.split(/\s+/).filter((term) => term !== "" && term !== "AND");
  const all = terms.map(parseTerm);
  return (project) => all.every((isWanted) => isWanted(project));
}
