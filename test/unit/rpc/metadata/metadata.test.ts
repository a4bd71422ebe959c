// SPDX-License-Identifier: Apache-2.0
// How the metadata of an attempt is put together.

import packageJson from "../../../../package.json";
import { VERSION } from "../../../../src/base/version.js";
import {
  buildClientTokens,
  buildMetadata,
  formatRoutingHeader,
  hasOwnAuthorization,
  type MetadataParts,
} from "../../../../src/rpc/metadata.js";

const NODE = `gl-node/${process.versions.node}`;
const OURS = [NODE, "grpc/1.0", `gax/${VERSION}`, `gapic/${VERSION}`];

function metadataOf(parts: Partial<MetadataParts>) {
  const clientTokens = parts.clientTokens ?? OURS;
  return buildMetadata({
    clientTokens,
    clientHeader: clientTokens.join(" "),
    routingHeader: formatRoutingHeader([["name", "a@b"]]),
    quotaProjectId: undefined,
    authorization: { authorization: "Bearer token" },
    own: [],
    ...parts,
  });
}

describe("the tokens of the client header", () => {
  test("the version is that of the package", () => {
    expect(VERSION).toBe(packageJson.version);
  });

  test("are language, transport, gax and gapic, in this order", () => {
    expect(buildClientTokens("grpc/1.0", {})).toEqual(OURS);
  });

  test("lack the transport where it has no token", () => {
    expect(buildClientTokens(undefined, {})).toEqual([NODE, `gax/${VERSION}`, `gapic/${VERSION}`]);
  });

  test("have the user agent's parts in front and the library version behind", () => {
    const tokens = buildClientTokens("grpc/1.0", { userAgent: "my-app/1  other/2", clientLibraryVersion: "3.4" });
    expect(tokens).toEqual(["my-app/1", "other/2", ...OURS, "gccl/3.4"]);
  });

  test("are none for false", () => {
    expect(buildClientTokens("grpc/1.0", false)).toEqual([]);
  });
});

describe("the metadata", () => {
  test("begin with the client header, then the caller's own, routing, project, authorization", () => {
    const pairs = metadataOf({
      own: [
        ["x-b", "1"],
        ["x-a", "2"],
      ],
      quotaProjectId: "my-project",
    });
    expect(pairs).toEqual([
      ["x-goog-api-client", OURS.join(" ")],
      ["x-b", "1"],
      ["x-a", "2"],
      ["x-goog-request-params", "name=a%40b"],
      ["x-goog-user-project", "my-project"],
      ["authorization", "Bearer token"],
    ]);
  });

  test("keep a key of the caller's that repeats, and bytes as they are", () => {
    const bytes = new Uint8Array([0, 255]);
    const own = [
      ["x-a", "1"],
      ["x-bin", bytes],
      ["x-a", "2"],
    ] as const;
    const sent = metadataOf({ own });
    expect(sent.slice(1, 4)).toEqual(own);
    expect(sent[2]?.[1]).toBe(bytes);
  });

  test("merge the caller's client header behind ours, each token once, into one header", () => {
    const own = [
      ["x-goog-api-client", `theirs/1 grpc/1.0  theirs/2`],
      ["x-goog-api-client", "theirs/1 theirs/3"],
    ] as const;
    const values = metadataOf({ own }).filter(([key]) => key === "x-goog-api-client");
    expect(values).toEqual([["x-goog-api-client", [...OURS, "theirs/1", "theirs/2", "theirs/3"].join(" ")]]);
  });

  test("send the caller's client header alone where ours is off", () => {
    const own = [["x-goog-api-client", "theirs/1"]] as const;
    expect(metadataOf({ clientTokens: [], own })[0]).toEqual(["x-goog-api-client", "theirs/1"]);
  });

  test("have no client header where it is off and the caller gives none", () => {
    expect(metadataOf({ clientTokens: [] }).map(([key]) => key)).toEqual(["x-goog-request-params", "authorization"]);
  });

  test("send the caller's routing header beside ours, as Python does", () => {
    const own = [["x-goog-request-params", "name=theirs"]] as const;
    const values = metadataOf({ own }).filter(([key]) => key === "x-goog-request-params");
    expect(values.map(([, value]) => value)).toEqual(["name=theirs", "name=a%40b"]);
  });

  test("have no routing header for a method without routing fields", () => {
    expect(metadataOf({ routingHeader: formatRoutingHeader([]) }).map(([key]) => key)).toEqual([
      "x-goog-api-client",
      "authorization",
    ]);
  });

  test("have all that the credentials add", () => {
    const authorization = { authorization: "Bearer t", "x-allowed-locations": "0x0" };
    expect(metadataOf({ authorization }).slice(2)).toEqual(Object.entries(authorization));
  });

  test.each([{}, { "x-allowed-locations": "0x0" }])(
    "have nothing that what the credentials add inherits: %j",
    (added) => {
      const inherited = { inherited: "not\nchecked" };
      const authorization = Object.assign(Object.create(inherited), { authorization: "Bearer t" }, added);
      expect(metadataOf({ authorization }).slice(2)).toEqual(Object.entries({ authorization: "Bearer t", ...added }));
    },
  );

  test("have no authorization where there are no credentials", () => {
    expect(metadataOf({ authorization: undefined }).map(([key]) => key)).not.toContain("authorization");
  });
});

describe("the project that is charged", () => {
  const authorization = { authorization: "Bearer t", "x-goog-user-project": "of-credentials" };
  const own = [["x-goog-user-project", "of-caller"]] as const;
  test.each([
    ["the credentials' where nobody else names one", { authorization }, "of-credentials"],
    ["the option's over the credentials'", { authorization, quotaProjectId: "of-option" }, "of-option"],
    ["the caller's over the credentials'", { authorization, own }, "of-caller"],
    ["the caller's over both", { authorization, own, quotaProjectId: "of-option" }, "of-caller"],
  ])("is %s, and named once", (_name, parts, expected) => {
    const values = metadataOf(parts).filter(([key]) => key === "x-goog-user-project");
    expect(values).toEqual([["x-goog-user-project", expected]]);
  });
});

test.each([
  [[["authorization", "Bearer mine"]], true],
  [[["x-authorization", "mine"]], false],
  [[], false],
] as const)("the caller's metadata %j authorize by themselves: %p", (own, expected) => {
  expect(hasOwnAuthorization(own)).toBe(expected);
});
