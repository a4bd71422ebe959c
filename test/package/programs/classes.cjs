// SPDX-License-Identifier: Apache-2.0
// Prints what the message classes of a module do with values of every kind in every field: a line of JSON per class. Arguments: the module.

const { google } = require(process.argv[2]);

const isClass = (value) => typeof value === "function" && typeof value.decode === "function";
const classes = [];
const enumNames = new Set();

(function walk(value, path) {
  if (isClass(value)) classes.push([path, value]);
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === "number" && Number.isNaN(Number(name))) enumNames.add(name);
    if (/^[A-Za-z]/.test(name) && (typeof inner === "object" || isClass(inner)) && inner !== null)
      walk(inner, `${path}.${name}`);
  }
})(google, "google");

const VALUES = [
  undefined,
  null,
  0,
  1,
  -1,
  1.5,
  "",
  "A",
  "5",
  "AAE=",
  true,
  [],
  [1],
  ["a"],
  [{}],
  [null],
  {},
  { a: 1 },
  { a: "b" },
];
const NAMES = [...enumNames, "toString"];
const attempt = (run) => {
  try {
    return run();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const CONVERSIONS = [
  {},
  { defaults: true, arrays: true, objects: true },
  { enums: String, longs: String, bytes: String },
];

function behavior(type, object) {
  return attempt(() => {
    const message = type.fromObject(object);
    const bytes = type.encode(message).finish();
    return [
      type.verify(object),
      attempt(() => type.verify(message)),
      JSON.stringify(message),
      CONVERSIONS.map((options) => JSON.stringify(type.toObject(message, options))),
      Object.keys(message),
      Buffer.from(bytes).toString("base64"),
      JSON.stringify(type.decode(bytes)),
      JSON.stringify(type.decodeDelimited(type.encodeDelimited(message).finish())),
      attempt(() => JSON.stringify(type.decode(bytes.subarray(0, bytes.length - 1)))),
      attempt(() => Buffer.from(type.encode(type.create(object)).finish()).toString("base64")),
    ];
  });
}

for (const [path, type] of classes) {
  const fields = Object.keys(type.prototype).filter((name) => typeof type.prototype[name] !== "function");
  const seen = [
    Object.keys(type).sort(),
    type.name,
    type.getTypeUrl(),
    type.getTypeUrl("x"),
    attempt(() => type.toObject({}, undefined, 1e6)),
  ];
  for (const field of fields) {
    const isNumber = typeof type.prototype[field] === "number" || Array.isArray(type.prototype[field]);
    for (const value of VALUES) seen.push(behavior(type, { [field]: value }));
    for (const name of isNumber ? NAMES : [])
      seen.push(behavior(type, { [field]: name }), behavior(type, { [field]: [name] }));
  }
  process.stdout.write(`${JSON.stringify([path, seen])}\n`);
}
