// SPDX-License-Identifier: Apache-2.0
// A world with nothing in it, as an emulator without options has it, for tests of a part that no emulator stands around.

import { EmulatorControls } from "../../../src/emulator/controls/emulator-controls.js";
import { resolveOptions } from "../../../src/emulator/options.js";
import { makeKeyPair } from "../../../src/emulator/world/keys/key-pair.js";
import { installedPeers } from "../../../src/emulator/world/runtime/optional-peer.js";
import { createWorld, type World } from "../../../src/emulator/world/world.js";

export function openEmptyWorld(): World {
  const surroundings = { clock: Date.now, peers: installedPeers, makeKeyPair, url: () => "", enabledServices: [] };
  return createWorld({ ...resolveOptions({}), ...surroundings });
}

/** The controls of a world, as where nobody has to show a key. */
export function openControls(world: World, reset: () => void = () => {}) {
  const place = {
    instance: "an-instance",
    startedAt: new Date(0),
    listeners: [],
    hosts: [],
    key: undefined,
    hasConsole: true,
  };
  return { controls: new EmulatorControls({ ...world, reset }, () => place), keyOf: () => undefined, hasConsole: true };
}
