// SPDX-License-Identifier: Apache-2.0
// What a door does with names that are loaded when they are first read. The core has this function's text. Knows no name.

/**
 * Makes of getters names that are otherwise those of any CommonJS module: they can be assigned, redefined and restored, and keep what they
 * are given. Programs put stand-ins in their place, and sinon and node:test look for what they replace in the descriptor, where they pass
 * over a getter; so whoever asks for a descriptor loads the name.
 *
 * @param names an object, some of whose names are getters
 */
function namesOnDemand(names) {
  const getters = new Set();
  const settle = (owner, name, value) =>
    Reflect.defineProperty(owner, name, { value, writable: true, enumerable: true, configurable: true });
  for (const [name, { get: load }] of Object.entries(Object.getOwnPropertyDescriptors(names))) {
    if (load === undefined) continue;
    const get = () => {
      const value = load();
      settle(names, name, value);
      return value;
    };
    // Not always these names: an object that inherits from them gets a name of its own.
    const set = function (value) {
      settle(this, name, value);
    };
    getters.add(get);
    Object.defineProperty(names, name, { get, set });
  }
  return new Proxy(names, {
    getOwnPropertyDescriptor(target, name) {
      const { get } = Reflect.getOwnPropertyDescriptor(target, name) ?? {};
      if (getters.has(get)) get();
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
  });
}

module.exports = { namesOnDemand };
