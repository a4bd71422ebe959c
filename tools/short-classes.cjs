// SPDX-License-Identifier: Apache-2.0
// protobufjs's message classes in fewer bytes: what it writes into each of them stands once. They do what they did, in the same order.

const HEAD = `
function $has(message, name) {
return message[name] != null && Object.hasOwnProperty.call(message, name);
}
function $depth(depth) {
if (depth === undefined)
depth = 0;
if (depth > $util.recursionLimit)
throw Error("max depth exceeded");
return depth;
}
function $named(options, values, value) {
return options.enums === String && values[value] !== undefined ? values[value] : value;
}
function $number(message, name, value, values) {
if (typeof value === "number")
message[name] = value;
else if (typeof value === "string" && Object.hasOwnProperty.call(values, value))
message[name] = values[value];
}
function $nesting(depth, limits) {
if (depth === undefined)
depth = 0;
if (depth > limits.recursionLimit)
throw Error("maximum nesting depth exceeded");
return depth;
}
function $taken(object, name, depth) {
if (!$util.isObject(object))
throw TypeError(name + ": object expected");
return $nesting(depth, $util);
}
function $text(message, object, name) {
if (object[name] != null)
message[name] = String(object[name]);
}
function $flag(message, object, name) {
if (object[name] != null)
message[name] = Boolean(object[name]);
}
function $message(message, object, name, path, type, depth) {
if (object[name] != null) {
if (!$util.isObject(object[name]))
throw TypeError(path + "." + name + ": object expected");
message[name] = type.fromObject(object[name], depth + 1);
}
}
function $messages(message, object, name, path, type, depth) {
if (object[name]) {
if (!Array.isArray(object[name]))
throw TypeError(path + "." + name + ": array expected");
message[name] = [];
for (var i = 0; i < object[name].length; ++i) {
if (!$util.isObject(object[name][i]))
throw TypeError(path + "." + name + ": object expected");
message[name][i] = type.fromObject(object[name][i], depth + 1);
}
}
}
function $texts(message, object, name, path) {
if (object[name]) {
if (!Array.isArray(object[name]))
throw TypeError(path + "." + name + ": array expected");
message[name] = [];
for (var i = 0; i < object[name].length; ++i)
message[name][i] = String(object[name][i]);
}
}
function $copy(object, message, name) {
if ($has(message, name))
object[name] = message[name];
}
function $object(object, message, name, type, options, depth) {
if ($has(message, name))
object[name] = type.toObject(message[name], options, depth + 1);
}
function $objects(object, message, name, type, options, depth) {
if (message[name] && message[name].length) {
object[name] = [];
for (var j = 0; j < message[name].length; ++j)
object[name][j] = type.toObject(message[name][j], options, depth + 1);
}
}
function $write(writer, message, name, tag, method) {
if ($has(message, name))
writer.uint32(tag)[method](message[name]);
}
function $encode(writer, message, name, tag, type, depth) {
if ($has(message, name))
type.encode(message[name], writer.uint32(tag).fork(), depth + 1).ldelim();
}
function $encodeAll(writer, message, name, tag, type, depth) {
if (message[name] != null && message[name].length)
for (var i = 0; i < message[name].length; ++i)
type.encode(message[name][i], writer.uint32(tag).fork(), depth + 1).ldelim();
}
function $reader(reader) {
return reader instanceof $Reader ? reader : $Reader.create(reader);
}
function $end(reader, length) {
if (length === undefined)
return reader.len;
var end = reader.pos + length;
if (end > reader.len)
throw RangeError("index out of range");
return end;
}
function $leave(reader, end, length) {
if (length !== undefined) {
if (reader.pos !== end)
throw RangeError("index out of range");
reader.len = length;
}
}
function $push(message, name, value) {
if (!(message[name] && message[name].length))
message[name] = [];
message[name].push(value);
}
function $wrongText(message, name) {
return $has(message, name) && !$util.isString(message[name]) ? name + ": string expected" : undefined;
}
function $wrongFlag(message, name) {
return $has(message, name) && typeof message[name] !== "boolean" ? name + ": boolean expected" : undefined;
}
function $wrongIn(message, name, type, depth) {
var error = $has(message, name) && type.verify(message[name], depth + 1);
return error ? name + "." + error : undefined;
}
function $wrongInAll(message, name, type, depth) {
if (!$has(message, name))
return undefined;
if (!Array.isArray(message[name]))
return name + ": array expected";
for (var i = 0; i < message[name].length; ++i) {
var error = type.verify(message[name][i], depth + 1);
if (error)
return name + "." + error;
}
return undefined;
}
function $complete(type, url) {
type.encodeDelimited = function encodeDelimited(message, writer) {
return this.encode(message, writer && writer.len ? writer.fork() : writer).ldelim();
};
type.decodeDelimited = function decodeDelimited(reader) {
if (!(reader instanceof $Reader))
reader = new $Reader(reader);
return this.decode(reader, reader.uint32());
};
type.prototype.toJSON = function toJSON() {
return this.constructor.toObject(this, $protobuf.util.toJSONOptions);
};
type.getTypeUrl = function getTypeUrl(typeUrlPrefix) {
if (typeUrlPrefix === undefined)
typeUrlPrefix = "type.googleapis.com";
return typeUrlPrefix + "/" + url;
};
}
`;

/** Each form that is written again and again, what stands for it, and how often at least: fewer means that protobufjs writes another. */
const FORMS = [
  [/\w+(?:[.]\w+|\["[^"]+"\]) != null && Object[.]hasOwnProperty[.]call\((\w+), ("[^"]+")\)/g, "$has($1, $2)", 700],
  [
    /if \(q === undefined\)\nq = 0;\nif \(q > \$util[.]recursionLimit\)\nthrow Error\("max depth exceeded"\);/g,
    "q = $depth(q);",
    100,
  ],
  [
    /options[.]enums === String \? (\$root[\w.]+)\[(message[\w.[\]"]+?)\] === undefined \? \2 : \1\[\2\] : \2/g,
    "$named(options, $1, $2)",
    20,
  ],
  [/^[\w.]+[.]encodeDelimited = function encodeDelimited\(message, writer\) \{\n.*\n\};\n/gm, "", 60],
  [/^[\w.]+[.]decodeDelimited = function decodeDelimited\(reader\) \{\n.*\n.*\n.*\n\};\n/gm, "", 60],
  [/^[\w.]+[.]prototype[.]toJSON = function toJSON\(\) \{\n.*\n\};\n/gm, "", 60],
  [
    /^([\w.]+)[.]getTypeUrl = function getTypeUrl\(typeUrlPrefix\) \{\n.*\n.*\n\}\nreturn typeUrlPrefix \+ "\/([\w.]+)";\n\};\n/gm,
    '$complete($1, "$2");\n',
    60,
  ],
  // encode
  [
    /if \(\$has\(message, "(\w+)"\)\)\nwriter[.]uint32\(\/\*.*?\*\/(\d+)\)[.](\w+)\(message[.]\1\);/g,
    '$write(writer, message, "$1", $2, "$3");',
    100,
  ],
  [
    /if \(\$has\(message, "(\w+)"\)\)\n(\$root[\w.]+)[.]encode\(message[.]\1, writer[.]uint32\(\/\*.*?\*\/(\d+)\)[.]fork\(\), q \+ 1\)[.]ldelim\(\);/g,
    '$encode(writer, message, "$1", $3, $2, q);',
    30,
  ],
  [
    /if \(message[.](\w+) != null && message[.]\1[.]length\)\nfor \(var i = 0; i < message[.]\1[.]length; \+\+i\)\n(\$root[\w.]+)[.]encode\(message[.]\1\[i\], writer[.]uint32\(\/\*.*?\*\/(\d+)\)[.]fork\(\), q \+ 1\)[.]ldelim\(\);/g,
    '$encodeAll(writer, message, "$1", $3, $2, q);',
    20,
  ],
  // decode
  [
    /if \(!\(reader instanceof \$Reader\)\)\nreader = \$Reader[.]create\(reader\);\nif \(long === undefined\)\nlong = 0;\nif \(long > \$Reader[.]recursionLimit\)\nthrow Error\("maximum nesting depth exceeded"\);\nvar end, message([^;]*);\nif \(length === undefined\)\nend = reader[.]len;\nelse \{\nend = reader[.]pos \+ length;\nif \(end > reader[.]len\)\nthrow RangeError\("index out of range"\);\nlength = reader[.]len;\nreader[.]len = end;\n\}/g,
    "reader = $reader(reader);\nlong = $nesting(long, $Reader);\nvar end = $end(reader, length), message$1;\nif (length !== undefined) {\nlength = reader.len;\nreader.len = end;\n}",
    60,
  ],
  [
    /if \(length !== undefined\) \{\nif \(reader[.]pos !== end\)\nthrow RangeError\("index out of range"\);\nreader[.]len = length;\n\}/g,
    "$leave(reader, end, length);",
    60,
  ],
  [
    /if \(!\(message[.](\w+) && message[.]\1[.]length\)\)\nmessage[.]\1 = \[\];\nmessage[.]\1[.]push\((.*)\);/g,
    '$push(message, "$1", $2);',
    30,
  ],
  // verify
  [
    /if \(\$has\(message, "(\w+)"\)\)\nif \(!\$util[.]isString\(message[.]\1\)\)\nreturn "\1: string expected";/g,
    'if (wrong = $wrongText(message, "$1"))\nreturn wrong;',
    40,
  ],
  [
    /if \(\$has\(message, "(\w+)"\)\)\nif \(typeof message[.]\1 !== "boolean"\)\nreturn "\1: boolean expected";/g,
    'if (wrong = $wrongFlag(message, "$1"))\nreturn wrong;',
    20,
  ],
  [
    /if \(\$has\(message, "(\w+)"\)\) \{\nvar error = (\$root[\w.]+)[.]verify\(message[.]\1, long \+ 1\);\nif \(error\)\nreturn "\1[.]" \+ error;\n\}/g,
    'if (wrong = $wrongIn(message, "$1", $2, long))\nreturn wrong;',
    30,
  ],
  [
    /if \(\$has\(message, "(\w+)"\)\) \{\nif \(!Array[.]isArray\(message[.]\1\)\)\nreturn "\1: array expected";\nfor \(var i = 0; i < message[.]\1[.]length; \+\+i\) \{\nvar error = (\$root[\w.]+)[.]verify\(message[.]\1\[i\], long \+ 1\);\nif \(error\)\nreturn "\1[.]" \+ error;\n\}\n\}/g,
    'if (wrong = $wrongInAll(message, "$1", $2, long))\nreturn wrong;',
    20,
  ],
  [/(verify = function verify\(message, long\) \{\n)/g, "$1var wrong;\n", 60],
  // fromObject
  [
    /if \(!\$util[.]isObject\(object\)\)\nthrow TypeError\(("[.][\w.]+): object expected"\);\nif \(long === undefined\)\nlong = 0;\nif \(long > \$util[.]recursionLimit\)\nthrow Error\("maximum nesting depth exceeded"\);/g,
    'long = $taken(object, $1", long);',
    60,
  ],
  [/if \(object[.](\w+) != null\)\nmessage[.]\1 = String\(object[.]\1\);/g, '$text(message, object, "$1");', 60],
  [/if \(object[.](\w+) != null\)\nmessage[.]\1 = Boolean\(object[.]\1\);/g, '$flag(message, object, "$1");', 20],
  [
    /if \(object[.](\w+) != null\) \{\nif \(!\$util[.]isObject\(object[.]\1\)\)\nthrow TypeError\("([.][\w.]+)[.]\1: object expected"\);\nmessage[.]\1 = (\$root[\w.]+)[.]fromObject\(object[.]\1, long \+ 1\);\n\}/g,
    '$message(message, object, "$1", "$2", $3, long);',
    30,
  ],
  [
    /if \(object[.](\w+)\) \{\nif \(!Array[.]isArray\(object[.]\1\)\)\nthrow TypeError\("([.][\w.]+)[.]\1: array expected"\);\nmessage[.]\1 = \[\];\nfor \(var i = 0; i < object[.]\1[.]length; \+\+i\) \{\nif \(!\$util[.]isObject\(object[.]\1\[i\]\)\)\nthrow TypeError\("\2[.]\1: object expected"\);\nmessage[.]\1\[i\] = (\$root[\w.]+)[.]fromObject\(object[.]\1\[i\], long \+ 1\);\n\}\n\}/g,
    '$messages(message, object, "$1", "$2", $3, long);',
    20,
  ],
  [
    /if \(object[.](\w+)\) \{\nif \(!Array[.]isArray\(object[.]\1\)\)\nthrow TypeError\("([.][\w.]+)[.]\1: array expected"\);\nmessage[.]\1 = \[\];\nfor \(var i = 0; i < object[.]\1[.]length; \+\+i\)\nmessage[.]\1\[i\] = String\(object[.]\1\[i\]\);\n\}/g,
    '$texts(message, object, "$1", "$2");',
    10,
  ],
  // toObject
  [/if \(\$has\(message, "(\w+)"\)\)\nobject[.]\1 = message[.]\1;/g, '$copy(object, message, "$1");', 80],
  [
    /if \(\$has\(message, "(\w+)"\)\)\nobject[.]\1 = (\$root[\w.]+)[.]toObject\(message[.]\1, options, q \+ 1\);/g,
    '$object(object, message, "$1", $2, options, q);',
    30,
  ],
  [
    /if \(message[.](\w+) && message[.]\1[.]length\) \{\nobject[.]\1 = \[\];\nfor \(var j = 0; j < message[.]\1[.]length; \+\+j\)\nobject[.]\1\[j\] = (\$root[\w.]+)[.]toObject\(message[.]\1\[j\], options, q \+ 1\);\n\}/g,
    '$objects(object, message, "$1", $2, options, q);',
    20,
  ],
];

const ENUM =
  /switch \((object[.](\w+))\) \{\ndefault:\nif \(typeof \1 === "number"\) \{\nmessage[.]\2 = \1;\nbreak;\n\}\nbreak;\n((?:case "\w+":\ncase -?\d+:\nmessage[.]\2 = -?\d+;\nbreak;\n)+)\}/g;

/** Shorter text of the same classes. @throws Error when a form is not found as often as it must be */
function shortClasses(text) {
  let short = text.replace(/^\$root[.]google = /m, `${HEAD.replaceAll("$", "$$$$")}$&`);
  for (const [form, instead, least] of FORMS) {
    const before = short.slice(0, short.indexOf("$root.google = "));
    const body = short.slice(before.length);
    const count = body.match(form)?.length ?? 0;
    if (count < least) throw new Error(`message classes: ${form} is found ${count} times`);
    short = before + body.replace(form, instead.replace(/\$(?=[a-z])/g, "$$$$"));
  }
  return short.replace(ENUM, (_, value, name, cases) => {
    const values = [...cases.matchAll(/case "(\w+)":\ncase (-?\d+):/g)].map(([, key, number]) => `${key}: ${number}`);
    return `$number(message, "${name}", ${value}, { ${values.join(", ")} });`;
  });
}

module.exports = { shortClasses };
