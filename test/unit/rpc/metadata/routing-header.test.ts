// SPDX-License-Identifier: Apache-2.0
// The routing header, held against what Python's urllib.parse.urlencode([("name", value)], safe="/") gives.

import { formatRoutingHeader } from "../../../../src/rpc/metadata.js";

const FROM_PYTHON: readonly (readonly [value: string, header: string])[] = [
  [
    "projects/-/serviceAccounts/a@b.iam.gserviceaccount.com",
    "name=projects/-/serviceAccounts/a%40b.iam.gserviceaccount.com",
  ],
  ["", "name="],
  ["a b", "name=a+b"],
  ["a+b", "name=a%2Bb"],
  ["a%20b", "name=a%2520b"],
  ["a&b=c;d?e#f", "name=a%26b%3Dc%3Bd%3Fe%23f"],
  ["!'()*", "name=%21%27%28%29%2A"],
  ["~-_.", "name=~-_."],
  ["/", "name=/"],
  ["//", "name=//"],
  ["%2F", "name=%252F"],
  ["\\", "name=%5C"],
  ['"<>', "name=%22%3C%3E"],
  ["`{|}^[]", "name=%60%7B%7C%7D%5E%5B%5D"],
  ["$,:;@", "name=%24%2C%3A%3B%40"],
  ["é", "name=%C3%A9"],
  ["ü/ß", "name=%C3%BC/%C3%9F"],
  ["日本", "name=%E6%97%A5%E6%9C%AC"],
  ["😀", "name=%F0%9F%98%80"],
  ["\u0000", "name=%00"],
  ["\n\t", "name=%0A%09"],
  ["\u007f", "name=%7F"],
  ["\u00a0", "name=%C2%A0"],
  ["\u2028", "name=%E2%80%A8"],
  [
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~",
    "name=+%21%22%23%24%25%26%27%28%29%2A%2B%2C-./0123456789%3A%3B%3C%3D%3E%3F%40ABCDEFGHIJKLMNOPQRSTUVWXYZ" +
      "%5B%5C%5D%5E_%60abcdefghijklmnopqrstuvwxyz%7B%7C%7D~",
  ],
];

test.each(FROM_PYTHON)("%j is encoded as Python does it", (value, header) => {
  expect(formatRoutingHeader([["name", value]])).toBe(header);
});

// Python raises UnicodeEncodeError here; a protobuf string would carry the replacement character too.
test.each(["a\ud800b", "a\udc00b"])("the lone surrogate in %j becomes the replacement character", (value) => {
  expect(formatRoutingHeader([["name", value]])).toBe("name=a%EF%BF%BDb");
});

test("several pairs are joined by & in their order, their fields encoded too", () => {
  const pairs: [string, string][] = [
    ["b.name", "1"],
    ["a b", "x&y"],
    ["c", ""],
  ];
  expect(formatRoutingHeader(pairs)).toBe("b.name=1&a+b=x%26y&c=");
});
