// SPDX-License-Identifier: Apache-2.0
// A program as users of @google-cloud/iam-credentials write it. `tsc` reads it against the original; gapic-types.test.ts and the test of
// the packed package have it read against the drop-in, with one string changed. Never run.

import type { EventEmitter } from "node:events";
import iam, { IAMCredentialsClient, protos, v1 } from "@google-cloud/iam-credentials";

type ClientOptions = NonNullable<ConstructorParameters<typeof IAMCredentialsClient>[0]>;

import IAccessTokenRequest = protos.google.iam.credentials.v1.IGenerateAccessTokenRequest;
import IAccessTokenResponse = protos.google.iam.credentials.v1.IGenerateAccessTokenResponse;
import IIdTokenRequest = protos.google.iam.credentials.v1.IGenerateIdTokenRequest;
import IIdTokenResponse = protos.google.iam.credentials.v1.IGenerateIdTokenResponse;
import ISignBlobRequest = protos.google.iam.credentials.v1.ISignBlobRequest;
import ISignBlobResponse = protos.google.iam.credentials.v1.ISignBlobResponse;
import ISignJwtRequest = protos.google.iam.credentials.v1.ISignJwtRequest;
import ISignJwtResponse = protos.google.iam.credentials.v1.ISignJwtResponse;

type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

const name = "projects/-/serviceAccounts/robot@project.iam.gserviceaccount.com";

export function clients(): IAMCredentialsClient[] {
  const options: ClientOptions = {
    apiEndpoint: "localhost",
    servicePath: "localhost",
    port: 8080,
    projectId: "p",
    keyFilename: "key.json",
    keyFile: "key.json",
    email: "a@b.c",
    credentials: { client_email: "a", private_key: "b" },
    scopes: ["s"],
    fallback: true,
    universeDomain: "googleapis.com",
    universe_domain: "googleapis.com",
    libName: "lib",
    libVersion: "1",
    cert: "c",
    key: "k",
    protocol: "https",
    minifyJson: true,
    numericEnums: true,
    "grpc.max_receive_message_length": -1,
    "grpc.keepalive_time_ms": 5,
    clientConfig: {
      interfaces: {
        "google.iam.credentials.v1.IAMCredentials": {
          retry_codes: { mine: ["UNAVAILABLE"] },
          retry_params: {
            mine: {
              initial_retry_delay_millis: 1,
              retry_delay_multiplier: 1,
              max_retry_delay_millis: 1,
              initial_rpc_timeout_millis: 1,
              rpc_timeout_multiplier: 1,
              max_rpc_timeout_millis: 1,
              total_timeout_millis: 1,
            },
          },
          methods: { SignBlob: { timeout_millis: 5, retry_codes_name: "mine", retry_params_name: "mine" } },
        },
      },
    },
  };
  return [
    new IAMCredentialsClient(),
    new IAMCredentialsClient(undefined),
    new IAMCredentialsClient({}),
    new IAMCredentialsClient({ fallback: "rest" }),
    new IAMCredentialsClient(options),
    new v1.IAMCredentialsClient(options),
    new iam.IAMCredentialsClient(options),
    new iam.v1.IAMCredentialsClient(options),
  ];
}

export async function promises(client: IAMCredentialsClient): Promise<void> {
  const settings = {
    timeout: 5_000,
    maxRetries: 3,
    otherArgs: { headers: { "x-a": "1" }, options: {} },
    apiName: "mine",
    autoPaginate: false,
    retry: {
      retryCodes: [14],
      backoffSettings: {
        initialRetryDelayMillis: 1,
        retryDelayMultiplier: 1,
        maxRetryDelayMillis: 1,
        initialRpcTimeoutMillis: null,
        maxRpcTimeoutMillis: null,
        rpcTimeoutMultiplier: null,
        totalTimeoutMillis: null,
        maxRetries: 3,
      },
    },
  };
  const [token, request, raw] = await client.generateAccessToken({ name, scope: ["s"], lifetime: { seconds: 5 } });
  true satisfies Same<typeof token, IAccessTokenResponse>;
  true satisfies Same<typeof request, IAccessTokenRequest | undefined>;
  // biome-ignore lint/complexity/noBannedTypes: what the original declares
  true satisfies Same<typeof raw, {} | undefined>;
  const text: string | null | undefined = token.accessToken;
  const seconds = token.expireTime?.seconds;
  const until = new Date(Number(seconds ?? 0) * 1000 + (token.expireTime?.nanos ?? 0) / 1e6);

  const [{ token: idToken }] = await client.generateIdToken({ name, audience: "a", includeEmail: true }, settings);
  const [{ keyId, signedBlob }] = await client.signBlob({ name, payload: Buffer.from("x") }, { retry: null });
  const signature: string | undefined = signedBlob
    ? Buffer.from(signedBlob as Uint8Array).toString("base64")
    : undefined;
  const [{ signedJwt }] = await client.signJwt({ name, payload: "{}", delegates: ["d"] }, {});
  await client.signBlob({ name, payload: "base64" });
  await client.signBlob({ name: null, payload: null, delegates: null });
  await client.signBlob();
  await client.signJwt(undefined, settings);
  await client.generateAccessToken({ lifetime: protos.google.protobuf.Duration.create({ seconds: 5 }) });
  void [text, until, idToken, keyId, signature, signedJwt];

  // @ts-expect-error a name is text
  await client.signBlob({ name: 5 });
  // @ts-expect-error no such field
  await client.signBlob({ nmae: "n" });
  // @ts-expect-error a scope is a list
  await client.generateAccessToken({ name, scope: "s" });
  // @ts-expect-error a timeout is a number
  await client.signJwt({ name }, { timeout: "5s" });
  // @ts-expect-error no such option
  await client.signJwt({ name }, { deadline: 5 });
  // @ts-expect-error an answer is not its text
  const wrong: string = await client.signJwt({ name });
  void wrong;
}

export function callbacks(client: IAMCredentialsClient): void {
  const nothing = client.generateAccessToken({ name }, {}, (error, response, request, raw) => {
    true satisfies Same<typeof response, IAccessTokenResponse | null | undefined>;
    true satisfies Same<typeof request, IAccessTokenRequest | null | undefined>;
    if (error) throw error;
    void [response?.accessToken, raw];
  });
  client.generateIdToken({ name }, (error, response) => {
    true satisfies Same<typeof response, IIdTokenResponse | null | undefined>;
    const message: string | undefined = error?.message;
    void message;
  });
  client.signBlob({ name }, { timeout: 5 }, (_error, response?: ISignBlobResponse | null) => void response?.keyId);
  client.signJwt({ name }, (error: Error | null | undefined, response?: ISignJwtResponse | null) => {
    void [error, response?.signedJwt];
  });
  // @ts-expect-error a callback is a function
  client.signJwt({ name }, {}, "done");
  true satisfies Same<typeof nothing, void>;
}

export async function members(client: IAMCredentialsClient, emitter: EventEmitter): Promise<void> {
  const endpoint: string = client.apiEndpoint;
  const universe: string = client.universeDomain;
  const statics: [string, string, number, string[]] = [
    IAMCredentialsClient.servicePath,
    IAMCredentialsClient.apiEndpoint,
    IAMCredentialsClient.port,
    IAMCredentialsClient.scopes,
  ];
  const stub = await client.initialize();
  const same: Promise<object> | undefined = client.iAMCredentialsStub;
  const project: string = await client.getProjectId();
  client.getProjectId((error, id) => emitter.emit("project", error, id));
  client.warn("code", "message", "Warning");
  client.innerApiCalls["signBlob"] = () => Promise.resolve([{}, null, null]);
  const { page, stream, longrunning, batching } = client.descriptors;
  const token = await client.auth.getAccessToken();
  const headers = await client.auth.getRequestHeaders();
  await client.close();
  void [endpoint, universe, statics, stub, same, project, page, stream, longrunning, batching, token, headers];

  // @ts-expect-error the endpoint is read, not written
  client.apiEndpoint = "x";
  // @ts-expect-error no path helpers: the API has no resources of its own
  client.projectPath("p");
}

/** A service that takes its client, as a test would give it another. */
export class Minter {
  constructor(private readonly client: Pick<IAMCredentialsClient, "generateAccessToken" | "close">) {}

  async mint(request: IAccessTokenRequest): Promise<string> {
    const [{ accessToken }] = await this.client.generateAccessToken(request);
    return accessToken ?? "";
  }
}

export class Mine extends IAMCredentialsClient {
  static override get port(): number {
    return 8443;
  }
  override async close(): Promise<void> {
    await super.close();
  }
}

export function messages(): void {
  const { SignBlobRequest, SignBlobResponse, GenerateAccessTokenResponse } = protos.google.iam.credentials.v1;
  const plain: ISignBlobRequest = { name, payload: new Uint8Array(1), delegates: ["d"] };
  const message: protos.google.iam.credentials.v1.SignBlobRequest = SignBlobRequest.create(plain);
  const made = new SignBlobRequest(plain);
  const bytes: Uint8Array = SignBlobRequest.encode(plain).finish();
  const delimited: Uint8Array = SignBlobRequest.encodeDelimited(made).finish();
  const [one, other]: protos.google.iam.credentials.v1.SignBlobRequest[] = [
    SignBlobRequest.decode(bytes),
    SignBlobRequest.decodeDelimited(delimited),
  ];
  const problem: string | null = SignBlobRequest.verify({ name: 5 });
  const from = SignBlobRequest.fromObject({ name });
  const object: { [k: string]: unknown } = SignBlobRequest.toObject(from, {
    longs: String,
    bytes: String,
    defaults: true,
  });
  const json: { [k: string]: unknown } = message.toJSON();
  const url: string = SignBlobResponse.getTypeUrl("host");
  const delegates: string[] = made.delegates;
  const payload: Uint8Array | string = made.payload;
  const { expireTime } = GenerateAccessTokenResponse.create({ expireTime: { seconds: "5", nanos: 6 } });
  const timestamp: protos.google.protobuf.ITimestamp | null | undefined = expireTime;
  const duration: protos.google.protobuf.IDuration = new protos.google.protobuf.Duration({ seconds: 5 });
  void [one, other, problem, object, json, url, delegates, payload, timestamp, duration];
  // @ts-expect-error no such field
  SignBlobRequest.create({ nmae: "n" });
}

export async function service(): Promise<void> {
  const { IAMCredentials } = protos.google.iam.credentials.v1;
  const made: protos.google.iam.credentials.v1.IAMCredentials = IAMCredentials.create((method, bytes, done) => {
    done(null, method.name === "SignJwt" ? bytes : new Uint8Array());
  });
  const response: protos.google.iam.credentials.v1.SignJwtResponse = await made.signJwt({ name });
  const done: protos.google.iam.credentials.v1.IAMCredentials.SignBlobCallback = (error, answer) => {
    void [error?.message, answer?.signedBlob];
  };
  made.signBlob({ name }, done);
  void response.signedJwt;
}

/** Types that are taken from the client's. */
export type Answers = {
  readonly accessToken: Awaited<ReturnType<IAMCredentialsClient["initialize"]>>;
  readonly requests: [IAccessTokenRequest, IIdTokenRequest, ISignBlobRequest, ISignJwtRequest];
};
