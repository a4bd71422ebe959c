// SPDX-License-Identifier: Apache-2.0
// Watches a test file for secrets: every error built, every line logged or written, every warning. The one place in the
// suite where globals are patched, since what must not be seen cannot be found by asking politely.

import { resolve } from "node:path";
import { inspect } from "node:util";
import { noteError, noteText } from "./secrets.js";

const SOURCES = `${resolve(__dirname, "../../src")}/`;

/** Whether an error is ours to answer for: of a class of ours, or built by a line of src/. */
export function isOurs(error: Error): boolean {
  for (let each: object | null = error; each !== null; each = Object.getPrototypeOf(each)) {
    if (each.constructor.name === "IAMCredentialsError") return true;
  }
  const firstFrame = /^ {4}at .*$/m.exec(String(error.stack))?.[0];
  return firstFrame?.includes(SOURCES) ?? false;
}

/** Starts to watch. Returns the end of it: streams are shared with the next test file, all else is this file's own. */
export function watchForSecrets(): () => void {
  const ends = [
    watchErrors("Error"),
    watchErrors("TypeError"),
    watchStream(process.stdout, "stdout"),
    watchStream(process.stderr, "stderr"),
  ];
  watchConsole();
  return () => {
    for (const end of ends) end();
  };
}

function watchConsole(): void {
  const watched = console;
  for (const method of ["debug", "error", "info", "log", "trace", "warn"] as const) {
    const original = watched[method];
    watched[method] = (...args: unknown[]): void => {
      const text = args.map((arg) => (typeof arg === "string" ? arg : inspect(arg, { depth: 8 }))).join(" ");
      if (noteText(`console.${method}`, text)) original.apply(watched, args);
    };
  }
}

/** Stands in for a global constructor: `new` and `super()` of every subclass come by here. */
function watchErrors(name: "Error" | "TypeError"): () => void {
  let isWatching = true;
  const note = (error: Error, caller: object): Error => {
    if (!isWatching) return error;
    // The stack begins where it would without the watch.
    Error.captureStackTrace(error, caller as () => void); // as: a constructor is a function too
    noteError(error);
    return error;
  };
  const original = globalThis[name];
  const watched: ErrorConstructor | TypeErrorConstructor = new Proxy(original, {
    construct: function construct(target, args, newTarget): Error {
      return note(Reflect.construct(target, args, newTarget), newTarget === watched ? construct : newTarget);
    },
    apply: function apply(target, _receiver, args) {
      return note(Reflect.apply(target, undefined, args), apply);
    },
  });
  watched.prototype.constructor = watched;
  globalThis[name] = watched as never; // as: the same constructor, seen through the proxy
  return () => {
    isWatching = false;
    globalThis[name] = original as never; // as: what it was
    original.prototype.constructor = original;
  };
}

/** Warnings of the process come by here too. */
function watchStream(stream: NodeJS.WriteStream, name: string): () => void {
  const write = stream.write;
  stream.write = ((chunk: string | Uint8Array, ...rest: never[]): boolean => {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    return noteText(name, text) ? write.call(stream, chunk, ...rest) : true;
  }) as typeof write; // as: the overloads differ in what is passed through
  return () => {
    stream.write = write;
  };
}
