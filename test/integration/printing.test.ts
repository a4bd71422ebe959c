// SPDX-License-Identifier: Apache-2.0
// No way of printing an object of an exported class shows a secret, after it has been used. One entry for each class of each door; a
// class without one fails.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "../../src/emulator/index.js";
import * as gapic from "../../src/gapic/index.js";
import * as admin from "../../src/iam-admin/index.js";
import * as front from "../../src/index.js";
import { setEnvironment } from "../support/bare-environment.js";
import { printEveryWay } from "../support/every-print.js";
import type { HttpStage } from "../support/http-stage.js";
import { startMetadataStage } from "../support/metadata-stage.js";
import { rejectionOf } from "../support/rejection-of.js";
import { PLANTED } from "../support/secrets.js";

const ROBOT = "robot@my-project.iam.gserviceaccount.com";
const secrets: string[] = [];

let emulator: Emulator;
let metadata: HttpStage;
let folder: string;
let key: { readonly private_key: string; readonly client_email: string };
let keyFilename: string;
let restore: () => void;

beforeAll(async () => {
  emulator = await startEmulator({ serviceAccounts: [ROBOT] });
  emulator.addGrant({
    member: `serviceAccount:${ROBOT}`,
    role: "roles/iam.serviceAccountTokenCreator",
    serviceAccount: ROBOT,
  });
  const token = await emulator.accessToken(`serviceAccount:${ROBOT}`);
  metadata = await startMetadataStage({
    accounts: { [ROBOT]: ["https://www.googleapis.com/auth/cloud-platform"] },
    accessToken: () => token,
    idToken: () => secret(PLANTED.assertion),
  });
  secret(token);
  restore = setEnvironment({ GCE_METADATA_HOST: metadata.host });
  folder = mkdtempSync(join(tmpdir(), "printing-"));
  key = await emulator.createServiceAccountKey(ROBOT);
  secret(key.private_key);
  keyFilename = join(folder, "key.json");
  writeFileSync(keyFilename, JSON.stringify(key));
});
afterAll(async () => {
  restore();
  rmSync(folder, { recursive: true, force: true });
  await metadata.close();
  await emulator.close();
});

function secret(text: string): string {
  secrets.push(text);
  return text;
}

const name = ROBOT;
const clientOptions = () => ({ ...emulator.clientOptions(`serviceAccount:${ROBOT}`), credentials: key });
const rpc = { code: 7, text: "no", method: "IAMCredentials.SignJwt", transport: "grpc" };

/** Makes an object of a class and uses it, so that it holds whatever it ever holds. */
const MAKERS: Readonly<Record<string, () => unknown>> = {
  IAMCredentialsError: () => new front.IAMCredentialsError("no"),
  ConfigurationError: () => new front.ConfigurationError("no"),
  MutualTlsChannelError: () => new front.MutualTlsChannelError("no"),
  RequestError: async () => {
    const client = new front.IAMCredentialsAsyncClient(clientOptions());
    const payload = [PLANTED.payload] as never; // as: wrong on purpose
    const error = await rejectionOf(client.signBlob({ name, payload }));
    await client.close();
    return error;
  },
  CredentialsError: async () => {
    const source = { getRequestMetadata: () => ({ authorization: `Bearer ${PLANTED.token}\n` }) };
    const client = new front.IAMCredentialsAsyncClient({ ...clientOptions(), credentials: source });
    const error = await rejectionOf(client.signBlob({ name, payload: Buffer.from("x") }));
    await client.close();
    return error;
  },
  VerificationError: () => rejectionOf(front.verifyIdToken(PLANTED.assertion, { audience: "a" })),
  ClientClosedError: () => new front.ClientClosedError("closed"),
  RpcError: async () => {
    const client = new front.IAMCredentialsAsyncClient(clientOptions());
    const error = await rejectionOf(client.signJwt({ name: "1234567890", payload: { secret: PLANTED.payload } }));
    await client.close();
    return error;
  },
  IAMCredentialsAsyncClient: () => usedClient("grpc"),
  ReplyStream: () => undefined,
  ComputeEngineCredentials: async () => used(new front.ComputeEngineCredentials()),
  ComputeEngineIdTokenCredentials: () =>
    new front.ComputeEngineIdTokenCredentials({ targetAudience: "a", useMetadataIdentityEndpoint: true }),
  ImpersonatedCredentials: () =>
    used(new front.ImpersonatedCredentials({ targetPrincipal: ROBOT, clientOptions: clientOptions() })),
  ImpersonatedIdTokenCredentials: () =>
    used(
      new front.ImpersonatedIdTokenCredentials({
        targetPrincipal: ROBOT,
        targetAudience: "a",
        clientOptions: clientOptions(),
      }),
    ),
  Signer: async () => {
    const signer = new front.Signer({ serviceAccount: ROBOT, clientOptions: clientOptions() });
    await signer.sign(Buffer.from(PLANTED.payload));
    return signer;
  },
  Verifier: () => new front.Verifier(),
  IAMAsyncClient: async () => {
    const client = new admin.IAMAsyncClient(clientOptions());
    await Promise.allSettled([client.getServiceAccount({ name: `projects/-/serviceAccounts/${ROBOT}` })]);
    return client;
  },
  GrantError: async () => {
    const client = new admin.IAMAsyncClient(clientOptions());
    const request = { caller: `serviceAccount:${ROBOT}`, target: ROBOT } as never; // as: whatever it is refused for
    return rejectionOf((async () => client.grantTokenCreator(request))());
  },
  KeyLimitError: () => new admin.KeyLimitError(new front.RpcError(rpc), { keys: [] } as never), // as: nothing more is read
  "IAMCredentialsClient with keyFilename": () => usedDropIn({ keyFilename }),
  "IAMCredentialsClient with credentials": () => usedDropIn({ credentials: { ...key } }),
  "IAMCredentialsClient with keyFilename that was not used": () => new gapic.IAMCredentialsClient({ keyFilename }),
  "the transport over gRPC": async () => (await usedClient("grpc")).transport,
  "the transport over REST": async () => (await usedClient("rest")).transport,
};

async function usedClient(transport: string): Promise<front.IAMCredentialsAsyncClient> {
  const own = emulator.clientOptions(`serviceAccount:${ROBOT}`);
  const client = new front.IAMCredentialsAsyncClient({ ...own, credentials: key, transport });
  await client.signBlob({ name, payload: Buffer.from(PLANTED.payload) }).catch(() => undefined);
  return client;
}

async function used<Credentials extends { getAccessToken(): Promise<{ token: string }> }>(
  credentials: Credentials,
): Promise<Credentials> {
  secret((await credentials.getAccessToken()).token);
  return credentials;
}

async function usedDropIn(options: gapic.ClientOptions): Promise<gapic.IAMCredentialsClient> {
  const client = new gapic.IAMCredentialsClient({ ...options, apiEndpoint: "127.0.0.1", port: 1 });
  await client.auth.getClient();
  await client
    .signBlob({ name, payload: Buffer.from(PLANTED.payload) }, { timeout: 50, retry: null })
    .catch(() => undefined);
  return client;
}

const isClass = (value: unknown): boolean => typeof value === "function" && /^class\b/.test(String(value));

test("there is an entry for every class of every door", () => {
  const classes = [front, admin, gapic].flatMap((door) => Object.entries(door).filter(([, value]) => isClass(value)));
  const missing = classes
    .map(([each]) => each)
    .filter((each) => !Object.keys(MAKERS).some((own) => own.startsWith(each)));
  expect(missing).toEqual([]);
});

test.each(Object.entries(MAKERS))("%s", async (_name, make) => {
  const value = await make();
  const shown = Object.entries(printEveryWay(value)).filter(([, text]) =>
    [...secrets, PLANTED.payload, PLANTED.token, PLANTED.assertion].some((each) => holds(text, each)),
  );
  if (value !== null && typeof value === "object" && "close" in value && typeof value.close === "function")
    await value.close();
  expect(shown.map(([way]) => way)).toEqual([]);
});

/** Whether a text shows a secret, in parts too: of a key one line, of a token its second half. */
function holds(text: string, each: string): boolean {
  const lines = each.includes("\n") ? each.split("\n").slice(2, -3) : [each.slice(Math.floor(each.length / 2))];
  return lines.some((line) => text.includes(line) || text.includes(Buffer.from(line).toString("base64").slice(0, -4)));
}
