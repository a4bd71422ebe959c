// SPDX-License-Identifier: Apache-2.0
// Finishes what esbuild makes of a part: what stands elsewhere is read where it is used, classes have the names of the sources, and
// helpers that nothing uses any more are gone. Knows nothing of which module stands where.

/**
 * @param text esbuild's
 * @param links where what is imported is found, by the path under which esbuild has left it outside: `at`, an expression; and of which
 *   names it is called otherwise there
 */
function finished(text, links) {
  return withoutIdleHelpers(withLinks(withOwnExports(withOneNamespace(withNames(text))), links));
}

/**
 * esbuild calls a class that names itself by another name (`var A = class _A`), which people would read in what is printed of it; and a
 * bundler that comes after would find yet another.
 */
function withNames(text) {
  const declared = text.replace(/^var (\w+) = class _\1\b/gm, "class $1");
  const names = [...declared.matchAll(/^class (\w+)/gm)].map(([, name]) => name);
  const own = names.reduce((all, name) => all.replace(new RegExp(`\\b_${name}\\b`, "g"), name), declared);
  return withInnerNames(own);
}

function withInnerNames(text) {
  const renamed = [...text.matchAll(/\b(\w+) = class _\1\b/g)].map(([, name]) => name);
  return renamed.reduce((all, name) => all.replace(new RegExp(`\\b_${name}\\b`, "g"), name), text);
}

/**
 * esbuild copies a module's names each time that it is asked for it; here they are handed out as they are. And they can be redefined, as
 * those that tsc writes, since tests of users do.
 */
function withOneNamespace(text) {
  const naming = /(__defProp\(\w+, name, \{ get: \w+\[name\], enumerable: true) \}/;
  const copying = 'var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);';
  const marking = 'var __toCommonJS = (mod) => __defProp(mod, "__esModule", { value: true });';
  if (text.includes("__toCommonJS(") && !text.includes(copying)) throw new Error("esbuild's __toCommonJS is another");
  if (text.includes("var __export =") && !naming.test(text)) throw new Error("esbuild's __export is another");
  return text.replace(copying, marking).replace(naming, "$1, configurable: true }");
}

/** esbuild exports what a module's names inherit as well, which fails in a program that has extended Object.prototype. */
function withOwnExports(text) {
  const inherited = /^(var __export = .*\n {2}for \(var \w+) in (\w+)\)/m;
  if (text.includes("var __export =") && !inherited.test(text)) throw new Error("esbuild's __export is another");
  return text.replace(inherited, "$1 of Object.keys($2))");
}

/** Where esbuild reads what it has left outside as it is loaded, it is read when it is used; and loaded no sooner. */
function withLinks(text, links) {
  const linkOf = new Map();
  const imported = text.replace(
    /^ *(?:var )?(\w+) = require\("(link:(?!required:)[^"]+)"\);\n/gm,
    (_line, variable, path) => {
      linkOf.set(variable, links.get(path));
      return "";
    },
  );
  const declared = imported.replace(/^var (\w+(?:, \w+)*);\n/gm, (_line, list) => {
    const others = list.split(", ").filter((variable) => !linkOf.has(variable));
    return others.length === 0 ? "" : `var ${others.join(", ")};\n`;
  });
  const read = declared.replace(/\b(new )?(import_\w+)[.](\w+)/g, (whole, made, variable, name) => {
    const link = linkOf.get(variable);
    if (link === undefined) return whole;
    const there = new Map(link.renamed).get(name) ?? name;
    // `new f().C()` would make an f.
    const isMadeOfCall = made !== undefined && link.at.endsWith(")");
    return `${made ?? ""}${isMadeOfCall ? `(${link.at})` : link.at}.${there}`;
  });
  const finished = read.replace(/\brequire\("(link:required:[^"]+)"\)/g, (_call, path) => links.get(path).at);
  const unread =
    /"link:[^"]+"/.exec(finished)?.[0] ??
    [...linkOf.keys()].find((variable) => new RegExp(`\\b${variable}\\b`).test(finished));
  if (unread !== undefined) throw new Error(`${unread}: of what stands elsewhere, names must be imported one by one`);
  return finished;
}

/** A helper of esbuild stands before the first module. */
function withoutIdleHelpers(text) {
  const start = text.search(/^\/\/ /m);
  const body = text.slice(start);
  let helpers = text.slice(0, start).split(/^(?=var )/m);
  for (;;) {
    const used = helpers.filter((helper) => {
      const name = /^var (\w+)/.exec(helper)?.[1];
      const others = helpers.filter((each) => each !== helper).join("");
      return name === undefined || new RegExp(`\\b${name}\\b`).test(others + body);
    });
    if (used.length === helpers.length) return helpers.join("") + body;
    helpers = used;
  }
}

module.exports = { finished };
