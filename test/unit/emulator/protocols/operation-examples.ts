// SPDX-License-Identifier: Apache-2.0
// A world in which every operation of the emulator has something to do, and a request for each that it grants.

import { resolveOptions } from "../../../../src/emulator/options.js";
import { openFrontListener } from "../../../../src/emulator/ports/front-listener.js";
import { findAllOperations } from "../../../../src/emulator/protocols/all-operations.js";
import { createGrpcServer, type GrpcServer } from "../../../../src/emulator/protocols/grpc/grpc-server.js";
import { createHttpServer } from "../../../../src/emulator/protocols/http-server.js";
import { exportState } from "../../../../src/emulator/seed/export-state.js";
import { populate } from "../../../../src/emulator/seed/populate.js";
import { buildKeyFile } from "../../../../src/emulator/world/credentials-files/account-key-file.js";
import { deleteAccount } from "../../../../src/emulator/world/policy/account-deletion.js";
import { installedPeers } from "../../../../src/emulator/world/runtime/optional-peer.js";
import { issueAccessToken } from "../../../../src/emulator/world/tokens/issue-token.js";
import { createWorld, type World } from "../../../../src/emulator/world/world.js";
import { openKeyPool } from "../../../support/key-pool.js";
import { openControls } from "../empty-world.js";
import { ALICE, CLOUD_PLATFORM, FIRST, TARGET } from "../stage.js";
import { controlExamples } from "./control-examples.js";
import { JWT_BEARER, signAssertion } from "./oauth/signed-assertion.js";
import { beginOperation, projectExamples } from "./project-examples.js";

const PROJECT = "projects/demo-project";
const ORGANIZATION = "organizations/1234567890";
const GONE = "gone-1@demo-project.iam.gserviceaccount.com";
const name = `projects/-/serviceAccounts/${TARGET}`;
const fields = { title: "", description: "", includedPermissions: ["iam.roles.get"], stage: 0 };

/** A request over HTTP. */
export interface ExampleRequest {
  readonly path: string;
  readonly body?: string | URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A running emulator whose world can be looked into. */
export interface OpenWorld extends AsyncDisposable {
  readonly world: World;
  readonly host: string;
  readonly url: string;
  /** All that can be different after a call, but for the calls, the attempts and the faults that are set. */
  snapshot(): unknown;
  /** A request for an operation: by its name or by method and path, the first that there is an example for. */
  example(...keys: readonly string[]): Promise<ExampleRequest>;
}

const json = (path: string, document: unknown = {}): ExampleRequest => ({
  path,
  body: JSON.stringify(document),
  headers: { "content-type": "application/json", authorization: "Bearer owner" },
});
const get = (path: string): ExampleRequest => ({ path, headers: { authorization: "Bearer owner" } });
const metadata = (path: string): ExampleRequest => ({ path, headers: { "metadata-flavor": "Google" } });

async function createExampleWorld(url: () => string) {
  const options = resolveOptions({ serviceAccounts: [TARGET, FIRST, GONE] });
  const { serviceAccounts, roles, grants, listening: _, tls: __, ...settings } = options;
  const at = Date.now();
  const world = createWorld({
    clock: () => at,
    peers: installedPeers,
    makeKeyPair: openKeyPool(),
    url,
    enabledServices: [],
    ...settings,
  });
  const reset = populate(world, { serviceAccounts, roles, grants, seed: { version: 1 } });
  const [target, , gone] = [...world.accounts.all()];
  if (target === undefined || gone === undefined) throw new Error("the accounts are there");
  deleteAccount(world, gone);
  const key = await target.keys.createUserKey();
  for (const parent of [PROJECT, ORGANIZATION]) {
    world.roles.put(`${parent}/roles/kept`, fields);
    world.roles.put(`${parent}/roles/gone`, fields).deletedAt = at;
  }
  await Promise.all([target.keys.signingKey(), world.googleKeys.signingKey(), world.logins.idpKeys.signingKey()]);
  const { accessToken } = issueAccessToken(world, { principal: ALICE, scopes: [CLOUD_PLATFORM, "openid", "email"] });
  const login = world.logins.createRefreshToken("alice@example.com", [CLOUD_PLATFORM, "openid"]);
  return { world, reset, target, gone, key, accessToken, login };
}

type ExampleWorld = Awaited<ReturnType<typeof createExampleWorld>>;
type Examples = Readonly<Record<string, () => ExampleRequest | Promise<ExampleRequest>>>;

function accountExamples({ gone, key }: ExampleWorld): Examples {
  const account = "/v1/{name=projects/*/serviceAccounts/*}";
  const keyName = `${name}/keys/${key.keyId}`;
  return {
    [`POST ${account}:generateAccessToken`]: () => json(`/v1/${name}:generateAccessToken`, { scope: [CLOUD_PLATFORM] }),
    [`POST ${account}:generateIdToken`]: () => json(`/v1/${name}:generateIdToken`, { audience: "https://a.example" }),
    [`POST ${account}:signBlob`]: () => json(`/v1/${name}:signBlob`, { payload: "AQ==" }),
    [`POST ${account}:signJwt`]: () => json(`/v1/${name}:signJwt`, { payload: "{}" }),
    "GET /v1/{name=projects/*}/serviceAccounts": () => get(`/v1/${PROJECT}/serviceAccounts`),
    [`GET ${account}`]: () => get(`/v1/${name}`),
    "POST /v1/{name=projects/*}/serviceAccounts": () =>
      json(`/v1/${PROJECT}/serviceAccounts`, { accountId: "new-one" }),
    [`PUT ${account}`]: () => json(`/v1/${name}`, { displayName: "new" }),
    "PATCH /v1/{service_account.name=projects/*/serviceAccounts/*}": () =>
      json(`/v1/${name}`, { serviceAccount: { displayName: "new" }, updateMask: "displayName" }),
    [`DELETE ${account}`]: () => get(`/v1/${name}`),
    [`POST ${account}:undelete`]: () => json(`/v1/projects/-/serviceAccounts/${gone.uniqueId}:undelete`),
    [`POST ${account}:enable`]: () => json(`/v1/projects/-/serviceAccounts/${FIRST}:enable`),
    [`POST ${account}:disable`]: () => json(`/v1/${name}:disable`),
    "google.iam.admin.v1.IAM.SignBlob": () => json(`/v1/${name}:signBlob`, { bytesToSign: "AQ==" }),
    "google.iam.admin.v1.IAM.SignJwt": () => {
      const request = json(`/v1/${name}:signJwt`, { payload: "{}" });
      return { ...request, headers: { ...request.headers, host: "iam.localhost" } };
    },
    [`GET ${account}/keys`]: () => get(`/v1/${name}/keys`),
    "GET /v1/{name=projects/*/serviceAccounts/*/keys/*}": () => get(`/v1/${keyName}`),
    [`POST ${account}/keys`]: () => json(`/v1/${name}/keys`),
    [`POST ${account}/keys:upload`]: () =>
      json(`/v1/projects/-/serviceAccounts/${FIRST}/keys:upload`, {
        publicKeyData: Buffer.from(key.certificate).toString("base64"),
      }),
    "DELETE /v1/{name=projects/*/serviceAccounts/*/keys/*}": () => get(`/v1/${keyName}`),
    "POST /v1/{name=projects/*/serviceAccounts/*/keys/*}:disable": () => json(`/v1/${keyName}:disable`),
    "POST /v1/{name=projects/*/serviceAccounts/*/keys/*}:enable": () => json(`/v1/${keyName}:enable`),
    "GET /v1/{name=projects/*/serviceAccounts/*}/allowedLocations": () => get(`/v1/${name}/allowedLocations`),
    "GET /v1/{name=projects/*/locations/*/workloadIdentityPools/*}/allowedLocations": () =>
      get(`/v1/${PROJECT}/locations/global/workloadIdentityPools/emulator-pool/allowedLocations`),
    "GET /v1/{name=locations/*/workforcePools/*}/allowedLocations": () =>
      get("/v1/locations/global/workforcePools/emulator-pool/allowedLocations"),
  };
}

function policyExamples(): Examples {
  const resource = "/v1/{resource=projects/*/serviceAccounts/*}";
  const fullResourceName = `//cloudresourcemanager.googleapis.com/${PROJECT}`;
  const role = { includedPermissions: ["iam.roles.list"], stage: "GA" };
  const custom = (kind: string, parent: string): Examples => ({
    [`GET /v1/{parent=${kind}/*}/roles`]: () => get(`/v1/${parent}/roles`),
    [`GET /v1/{name=${kind}/*/roles/*}`]: () => get(`/v1/${parent}/roles/kept`),
    [`POST /v1/{parent=${kind}/*}/roles`]: () => json(`/v1/${parent}/roles`, { roleId: "added", role }),
    [`PATCH /v1/{name=${kind}/*/roles/*}`]: () => json(`/v1/${parent}/roles/kept`, { title: "new" }),
    [`DELETE /v1/{name=${kind}/*/roles/*}`]: () => get(`/v1/${parent}/roles/kept`),
    [`POST /v1/{name=${kind}/*/roles/*}:undelete`]: () => json(`/v1/${parent}/roles/gone:undelete`),
  });
  return {
    [`POST ${resource}:getIamPolicy`]: () => json(`/v1/${name}:getIamPolicy`),
    [`POST ${resource}:setIamPolicy`]: () =>
      json(`/v1/${name}:setIamPolicy`, { policy: { bindings: [{ role: "roles/viewer", members: [ALICE] }] } }),
    [`POST ${resource}:testIamPermissions`]: () =>
      json(`/v1/${name}:testIamPermissions`, { permissions: ["iam.serviceAccounts.get"] }),
    "POST /v1/roles:queryGrantableRoles": () => json("/v1/roles:queryGrantableRoles", { fullResourceName }),
    "GET /v1/roles": () => get("/v1/roles"),
    "GET /v1/{name=roles/*}": () => get("/v1/roles/viewer"),
    ...custom("organizations", ORGANIZATION),
    ...custom("projects", PROJECT),
    "POST /v1/permissions:queryTestablePermissions": () =>
      json("/v1/permissions:queryTestablePermissions", { fullResourceName }),
    "POST /v1/iamPolicies:queryAuditableServices": () =>
      json("/v1/iamPolicies:queryAuditableServices", { fullResourceName }),
    "POST /v1/iamPolicies:lintPolicy": () =>
      json("/v1/iamPolicies:lintPolicy", { fullResourceName, condition: { expression: "true" } }),
  };
}

// Of paths that lead to one operation the first is enough, and of methods, too.
function tokenExamples({ world, target, key, accessToken, login }: ExampleWorld): Examples {
  const form = (path: string, values: Readonly<Record<string, string>>): ExampleRequest => {
    return { path, body: new URLSearchParams(values) };
  };
  const refresh = {
    grant_type: "refresh_token",
    client_id: login.clientId,
    client_secret: login.clientSecret,
    refresh_token: login.refreshToken,
  };
  const bearer = { headers: { authorization: `Bearer ${accessToken}` } };
  const file = () => buildKeyFile(target, key, world.url());
  const audience =
    "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool/providers/emulator-provider";
  const subjectPath = `/emulator/v1/identity-provider/token?audience=${encodeURIComponent(audience)}&subject=me`;
  return {
    "oauth2.token": async () => form("/token", { grant_type: JWT_BEARER, assertion: await signAssertion(file()) }),
    "sts.token": async () => {
      const { token } = (await (await fetch(world.url() + subjectPath)).json()) as { token: string };
      return form("/v1/token", {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        audience,
        scope: CLOUD_PLATFORM,
        subject_token: token,
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      });
    },
    "sts.oauthtoken": () => form("/v1/oauthtoken", refresh),
    "sts.introspect": () => form("/v1/introspect", { token: accessToken }),
    "oauth2.tokeninfo": () => ({ path: `/tokeninfo?access_token=${accessToken}` }),
    "oauth2.userinfo": () => ({ path: "/v1/userinfo", ...bearer }),
    "oauth2.revoke": () => ({ path: `/revoke?token=${encodeURIComponent(login.refreshToken)}` }),
    "oauth2.discovery": () => ({ path: "/.well-known/openid-configuration" }),
    "oauth2.certs": () => ({ path: "/oauth2/v3/certs" }),
    "serviceAccounts.certs": () => ({ path: `/service_accounts/v1/metadata/x509/${TARGET}` }),
    "metadata.token": () => metadata("/computeMetadata/v1/instance/service-accounts/default/token"),
    "metadata.identity": () =>
      metadata("/computeMetadata/v1/instance/service-accounts/default/identity?audience=https://a.example"),
    "metadata.get": () => metadata("/computeMetadata/v1/instance/zone"),
    "emulator.describeIssuer": () => get("/emulator/v1/identity-provider/.well-known/openid-configuration"),
    "emulator.publishKeys": () => get("/emulator/v1/identity-provider/jwks"),
    "emulator.signSubjectToken": () => get(subjectPath),
  };
}

function describeWorld({ world, gone, accessToken, login }: ExampleWorld): unknown {
  return JSON.parse(
    JSON.stringify({
      state: exportState(world),
      policies: [...world.accounts.all()].map(({ uniqueId }) =>
        world.policies.ofAccount(uniqueId).etag.toString("hex"),
      ),
      roles: world.roles.all().map(({ etag, ...role }) => ({ ...role, etag: etag.toString("hex") })),
      isGone: world.accounts.findDeleted(gone.uniqueId) !== undefined,
      revoked: [accessToken, login.refreshToken].map((token) => world.logins.isRevoked(token)),
      services: world.services
        .servicesOf("demo-project")
        .map((each) => [each, world.services.isEnabled("demo-project", each)]),
      now: world.now(),
    }),
  );
}

/** Opens a world. */
export async function openExampleWorld(): Promise<OpenWorld> {
  let url = "";
  const made = await createExampleWorld(() => url);
  const { world, reset } = made;
  const grpc: GrpcServer = createGrpcServer(world);
  const http = createHttpServer({
    world,
    find: findAllOperations({ ...world, reset }, openControls(world, reset)),
    rules: { hosts: undefined, origins: new Set() },
  });
  const front = await openFrontListener(0, {
    http1: http.accept,
    http2: (socket) => grpc.acceptShared(socket, http.serve),
  });
  const host = `127.0.0.1:${front.port}`;
  url = `http://${host}`;
  const examples: Examples = {
    ...accountExamples(made),
    ...policyExamples(),
    ...projectExamples(beginOperation(world), { json, get }),
    ...tokenExamples(made),
    ...controlExamples(made, { json, get }),
  };
  return {
    world,
    host,
    url,
    snapshot: () => describeWorld(made),
    async example(...keys) {
      const make = keys.map((key) => examples[key]).find((each) => each !== undefined);
      if (make === undefined) throw new Error(`no example: ${keys.join(", ")}`);
      return make();
    },
    async [Symbol.asyncDispose]() {
      world.work.stopWaiting();
      await grpc.close();
      await front.close();
    },
  };
}
