// SPDX-License-Identifier: Apache-2.0
// From a label to a transport.

import { Channel, credentials } from "@grpc/grpc-js";
import { VERSION } from "../../../src/base/version.js";
import { ConfigurationError } from "../../../src/index.js";
import { buildTransport, getTransportClass, type TransportSettings } from "../../../src/rpc/transport-registry.js";
import { ManualClock } from "../../support/manual-clock.js";

const SETTINGS: TransportSettings = {
  target: "p.example:443",
  isInsecure: false,
  rootCertificates: undefined,
  channelOptions: {},
  channel: undefined,
  clock: new ManualClock(),
};

test.each(["grpc", "grpc_asyncio"])("%s makes a gRPC transport, which connects to nothing yet", async (label) => {
  const transport = buildTransport(label, SETTINGS);
  expect(transport).toMatchObject({ kind: "grpc", host: "p.example:443", connectionCount: 0 });
  // The version is ours, since the transport is.
  expect(transport.clientToken).toBe(`grpc/${VERSION}`);
  await transport.close(0);
});

test("grpc-js makes a transport over grpc-js, which says so", async () => {
  const transport = buildTransport("grpc-js", SETTINGS);
  expect(transport).toMatchObject({ kind: "grpc", host: "p.example:443", connectionCount: 0 });
  expect(transport.clientToken).toMatch(/^grpc\/1\.\d+\.\d+$/);
  await transport.close(0);
});

test("grpc is grpc-js where a channel, its class, its credentials or its options are given", async () => {
  const channel = new Channel("127.0.0.1:1", credentials.createInsecure(), {});
  const given = [
    { channel },
    { channelCredentials: credentials.createInsecure() },
    { channelClass: Channel },
    { channelOptions: { "grpc.keepalive_time_ms": 600_000 } },
  ];
  for (const settings of given) {
    const transport = buildTransport("grpc", { ...SETTINGS, ...settings });
    expect(transport.clientToken).toMatch(/^grpc\/1\./);
    await transport.close(0);
  }
  channel.close();
});

test("the class of grpc itself refuses what grpc-js alone takes", () => {
  const GrpcTransport = getTransportClass("grpc");
  const make = () => new GrpcTransport({ ...SETTINGS, channelOptions: { "grpc.x": 1 } });
  expect(make).toThrow(
    new ConfigurationError('channelOptions["grpc.x"]: is only supported by the transport "grpc-js"'),
  );
});

test("rest makes a REST transport, which takes neither a channel nor its options", async () => {
  const transport = buildTransport("rest", SETTINGS);
  expect(transport).toMatchObject({ kind: "rest", host: "p.example:443" });
  expect(transport.clientToken).toMatch(/^rest\/\d+\.\d+\.\d+$/);
  await transport.close(0);
  const channel = new Channel("127.0.0.1:1", credentials.createInsecure(), {});
  expect(() => buildTransport("rest", { ...SETTINGS, channel })).toThrow(
    'channel: is not supported by the transport "rest"',
  );
  channel.close();
  expect(() => buildTransport("rest", { ...SETTINGS, channelOptions: { "grpc.x": 1 } })).toThrow(
    'channelOptions["grpc.x"]: is not supported by the transport "rest"',
  );
});

test.each(["http", "GRPC", "", "toString"])("%j is refused with the labels that there are", (label) => {
  const build = () => buildTransport(label, SETTINGS);
  expect(build).toThrow(ConfigurationError);
  expect(build).toThrow(
    `transport: "${label}" is not a known label; valid labels are "grpc", "grpc_asyncio", "grpc-js", "rest"`,
  );
});

test.each(["", "no PEM at all", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])(
  "root certificates that are none, such as %j, are refused by name",
  (rootCertificates) => {
    for (const label of ["grpc", "grpc-js", "rest"]) {
      const build = () => buildTransport(label, { ...SETTINGS, rootCertificates });
      expect(build).toThrow(ConfigurationError);
      expect(build).toThrow("rootCertificates: must be certificates in PEM form");
    }
  },
);

test("a plain connection looks at no root certificates", () => {
  const build = () => buildTransport("grpc", { ...SETTINGS, isInsecure: true, rootCertificates: "unused" });
  expect(build).not.toThrow();
});

test("a channel of the caller's tells where calls go, and stays open", async () => {
  const channel = new Channel("localhost:1", credentials.createInsecure(), {});
  const transport = buildTransport("grpc", { ...SETTINGS, channel });
  expect(transport.host).toBe("localhost:1");
  await transport.close(0);
  expect(() => channel.getConnectivityState(false)).not.toThrow();
  channel.close();
});
