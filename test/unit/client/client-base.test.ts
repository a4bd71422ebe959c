// SPDX-License-Identifier: Apache-2.0
// What the class of a client has beside its methods: where it calls, its end, and the statics that all have.

import { expect, test } from "@jest/globals";
import { ClientBase } from "../../../src/client/client-base.js";
import { ScriptedTransport } from "../../support/scripted-transport.js";

const SERVICE = { name: "Weather", hostPrefix: "weather", scopes: ["s"], emulatorVariable: "WEATHER_EMULATOR_HOST" };
const options = { credentials: { getRequestMetadata: () => ({ authorization: "Bearer t" }) } };

test("a client tells where it calls, in which universe, and by what", async () => {
  const transport = new ScriptedTransport();
  const client = new ClientBase(SERVICE, {
    ...options,
    transport: () => transport,
    apiEndpoint: "weather.example:8443",
  });
  expect([client.apiEndpoint, client.universeDomain]).toEqual(["weather.example:8443", "googleapis.com"]);
  expect(client.transport).toBe(transport);
  await client.close();
});

test("it closes once, by close() and by await using, and closes the transport that it made", async () => {
  const transport = new ScriptedTransport();
  const closed: number[] = [];
  transport.close = async (gracePeriodMs) => void closed.push(gracePeriodMs);
  {
    await using client = new ClientBase(SERVICE, { ...options, transport: () => transport });
    expect(client.close()).toBe(client.close());
  }
  expect(closed).toEqual([0]);
});

test("a grace period that is no number is refused", async () => {
  const client = new ClientBase(SERVICE, { ...options, transport: () => new ScriptedTransport() });
  await expect(client.close({ gracePeriod: -1 })).rejects.toThrow(
    "gracePeriod: must be a non-negative number of milliseconds",
  );
  await client.close();
});

test("its statics are those of Python's clients", () => {
  expect(ClientBase.commonProjectPath("p")).toBe("projects/p");
  expect(ClientBase.parseCommonProjectPath("projects/p")).toEqual({ project: "p" });
  expect(ClientBase.getDefaultMtlsEndpoint("weather.googleapis.com")).toBe("weather.mtls.googleapis.com");
});
