// SPDX-License-Identifier: Apache-2.0
// Matches paths against the templates of HTTP rules (google/api/http.proto). Knows no methods.

/** A template that can be matched. */
export interface PathTemplate {
  /** The variables of a path, by field path; undefined when it does not match. */
  match(path: string): ReadonlyMap<string, string> | undefined;
}

function escapeLiteral(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

const wildcards: Readonly<Record<string, string>> = { "*": "[^/]+", "**": ".*" };

// An escaped slash stays escaped: it is not a segment boundary.
function decodeSegments(text: string): string | undefined {
  try {
    return text
      .split("/")
      .map((segment) => decodeURIComponent(segment.replace(/%2f/gi, "%252F")))
      .join("/");
  } catch {
    return undefined;
  }
}

/**
 * Prepares a template whose variables are literals and stars (one for a segment, two for the rest of the path), with or without a
 * verb after a colon. The text after a path's last colon is always a verb; a colon in a name comes escaped or in an earlier segment.
 */
export function parsePathTemplate(template: string): PathTemplate {
  const names: string[] = [];
  const pattern = template.replace(/\{([a-z_.]+)=([^}]*)\}|[^{]+/g, (text: string, name?: string, inner?: string) => {
    if (name === undefined || inner === undefined) return escapeLiteral(text);
    names.push(name);
    const parts = inner.split(/(\*{1,2})/);
    return `(${parts.map((part) => wildcards[part] ?? escapeLiteral(part)).join("")})`;
  });
  const hasVerb = /:[A-Za-z]+$/.test(template);
  const hasRest = template.includes("**");
  const whole = new RegExp(`^${pattern}$`);
  return {
    match(path) {
      if (!hasVerb && !hasRest && /:[^/]*$/.test(path)) return undefined;
      const groups = whole.exec(path);
      if (groups === null) return undefined;
      const variables = new Map<string, string>();
      for (const [index, name] of names.entries()) {
        const value = decodeSegments(groups[index + 1] ?? "");
        if (value === undefined) return undefined;
        variables.set(name, value);
      }
      return variables;
    },
  };
}
