// SPDX-License-Identifier: Apache-2.0
// The metadata of an error without grpc-js, held against that of grpc-js.

import { Metadata } from "@grpc/grpc-js";
import { PlainMetadata } from "../../../../src/gapic/stub/plain-metadata.js";
import { fc } from "../../../support/property.js";

type Entry = readonly [key: string, value: string | Buffer, way: "add" | "set" | "remove"];

const KEY = fc.constantFrom("x-a", "X-A", "x-b", "x-c-bin");
const TEXT = fc.string({ unit: fc.constantFrom("a", "b", " ", "~") });
const ENTRY = KEY.chain((key) =>
  fc.tuple(
    fc.constant(key),
    key.endsWith("-bin") ? fc.uint8Array().map((bytes) => Buffer.from(bytes)) : TEXT,
    fc.constantFrom("add" as const, "set" as const, "remove" as const),
  ),
);

function look(metadata: Metadata | PlainMetadata): unknown {
  return {
    map: metadata.getMap(),
    lists: ["x-a", "X-B", "x-c-bin", "x-none"].map((key) => metadata.get(key)),
    json: JSON.stringify(metadata),
    headers: metadata.toHttp2Headers(),
    options: metadata.getOptions(),
  };
}

function fill<Some extends Metadata | PlainMetadata>(metadata: Some, entries: readonly Entry[]): Some {
  for (const [key, value, way] of entries) {
    if (way === "remove") metadata.remove(key);
    else metadata[way](key, value);
  }
  return metadata;
}

describe("metadata without grpc-js", () => {
  it("reads as grpc-js's does, whatever was added, set and removed", () => {
    fc.assert(
      fc.property(fc.array(ENTRY, { maxLength: 8 }), (entries) => {
        expect(look(fill(new PlainMetadata(), entries))).toEqual(look(fill(new Metadata(), entries)));
      }),
    );
  });

  it("merges and clones as grpc-js's does, and a clone is apart", () => {
    fc.assert(
      fc.property(fc.array(ENTRY, { maxLength: 5 }), fc.array(ENTRY, { maxLength: 5 }), (own, other) => {
        const mine = fill(new PlainMetadata(), own);
        const theirs = fill(new Metadata(), own);
        mine.setOptions({ waitForReady: true });
        theirs.setOptions({ waitForReady: true });
        const before = look(mine);
        const [mineCloned, theirsCloned] = [mine.clone(), theirs.clone()];
        mineCloned.merge(fill(new PlainMetadata(), other));
        theirsCloned.merge(fill(new Metadata(), other));
        expect(look(mineCloned)).toEqual(look(theirsCloned));
        expect(look(mine)).toEqual(before);
      }),
    );
  });
});
