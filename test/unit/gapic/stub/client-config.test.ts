// SPDX-License-Identifier: Apache-2.0
// What a method does by default, and what the option clientConfig changes in it.

import { expect, it, test } from "@jest/globals";
import { Status } from "../../../../src/base/causes/status.js";
import { API_NAME, methodDefaults, type ServiceConfig } from "../../../../src/gapic/stub/client-config.js";

const codeOf = (name: string): number => Number(Reflect.get(Status, name));
const PUBLISHED = methodDefaults("SignJwt", undefined, codeOf);
const defaults = (service: ServiceConfig) => methodDefaults("SignJwt", { interfaces: { [API_NAME]: service } }, codeOf);

it("is what the service has published, where nothing is said of the method", () => {
  expect(PUBLISHED).toMatchObject({ timeoutMillis: 60_000, retry: { retryCodes: [4, 14] } });
  for (const config of [
    {},
    { interfaces: {} },
    { interfaces: { "another.Service": { methods: { SignJwt: null } } } },
  ]) {
    expect(methodDefaults("SignJwt", config, codeOf)).toEqual(PUBLISHED);
  }
  expect(defaults({ methods: { SignBlob: null } })).toEqual(PUBLISHED);
});

it("loses its retries by null, and keeps its time", () => {
  expect(defaults({ methods: { SignJwt: null } })).toEqual({ timeoutMillis: 60_000, retry: null });
});

it("takes time, codes and parameters from the names that the method gives", () => {
  const few = {
    initial_retry_delay_millis: 1,
    retry_delay_multiplier: 2,
    max_retry_delay_millis: 3,
    initial_rpc_timeout_millis: 4,
    rpc_timeout_multiplier: 5,
    max_rpc_timeout_millis: 6,
    total_timeout_millis: 7,
  };
  const service = { retry_codes: { some: ["ABORTED", "UNAVAILABLE"] }, retry_params: { few } };
  const method = { timeout_millis: 9, retry_codes_name: "some", retry_params_name: "few" };
  expect(defaults({ ...service, methods: { SignJwt: method } })).toEqual({
    timeoutMillis: 9,
    retry: {
      retryCodes: [10, 14],
      backoffSettings: {
        initialRetryDelayMillis: 1,
        retryDelayMultiplier: 2,
        maxRetryDelayMillis: 3,
        initialRpcTimeoutMillis: 4,
        rpcTimeoutMultiplier: 5,
        maxRpcTimeoutMillis: 6,
        totalTimeoutMillis: 7,
      },
    },
  });
});

test.each([[{ retry_codes_name: "none" }], [{ retry_params_name: "none" }], [{ something: "else" }]])(
  "stays as it is by names that nothing has: %j",
  (method) => {
    expect(defaults({ methods: { SignJwt: method } })).toEqual(PUBLISHED);
  },
);
