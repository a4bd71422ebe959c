// SPDX-License-Identifier: Apache-2.0
// What gcloud must be able to do with the emulator: be somebody, get tokens, administer accounts, keys, policies, roles, projects and
// services, and sign. Each check takes the stage and throws when something is not so.

import assert from "node:assert/strict";
import { createPublicKey, createVerify, verify, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { account, NUMBER, PROJECT, WORKLOAD } from "./stage.mjs";

const TARGET = account("target");
const CREATOR = "roles/iam.serviceAccountTokenCreator";
const as = (...emails) => `--impersonate-service-account=${emails.join()}`;

// A command that must succeed; what it printed as JSON, or as it is.
async function run(gcloud, ...args) {
  const { code, stdout, stderr } = await gcloud(...args, "--quiet");
  assert.equal(code, 0, `gcloud ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout.trim();
}
const json = async (gcloud, ...args) => JSON.parse(await run(gcloud, ...args, "--format=json"));

// A command that must fail, and say so.
async function fails(gcloud, args, pattern) {
  const { code, stderr } = await gcloud(...args, "--quiet");
  assert.equal(code, 1, `gcloud ${args.join(" ")} did not fail`);
  assert.match(stderr, pattern);
}

async function whose({ emulator }, token) {
  const response = await fetch(`${emulator.url}/tokeninfo`, {
    method: "POST",
    body: new URLSearchParams({ access_token: token }),
  });
  return response.json();
}

// The claims of a token that Google's keys, or an account's, have signed.
async function claimsOf({ emulator }, jwt, path = "/oauth2/v1/certs") {
  const [header, payload, signature] = jwt.trim().split(".");
  const { kid } = JSON.parse(Buffer.from(header, "base64url"));
  const certificates = await (await fetch(emulator.url + path)).json();
  const key = new X509Certificate(certificates[kid]).publicKey;
  const isSigned = verify("RSA-SHA256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"));
  assert.ok(isSigned, "the signature is by the key that is named");
  return JSON.parse(Buffer.from(payload, "base64url"));
}
const certificatesOf = (email) => `/robot/v1/metadata/x509/${email}`;

async function fileOf({ emulator, folder }, kind, options) {
  const path = join(folder, `${kind}.json`);
  await emulator.writeCredentialsFile(kind, path, options);
  return path;
}

async function keyLogin(stage) {
  const gcloud = stage.gcloudAs("key");
  await run(
    gcloud,
    "auth",
    "activate-service-account",
    `--key-file=${await fileOf(stage, "service_account", { serviceAccount: account("caller") })}`,
  );
  return gcloud;
}

const identities = {
  async "a key's account logs in, has its tokens, and is listed"(stage) {
    const gcloud = await keyLogin(stage);
    assert.equal((await whose(stage, await run(gcloud, "auth", "print-access-token"))).email, account("caller"));
    const claims = await claimsOf(
      stage,
      await run(gcloud, "auth", "print-identity-token", "--audiences=https://a.example"),
    );
    assert.equal(claims.aud, "https://a.example");
    assert.equal(claims.email, account("caller"));
    assert.deepEqual(await json(gcloud, "auth", "list"), [{ account: account("caller"), status: "ACTIVE" }]);
  },
  async "a workload logs in by its file, and is who introspection says"(stage) {
    const gcloud = stage.gcloudAs("workload");
    const file = await fileOf(stage, "external_account", { subject: "builder" });
    await run(gcloud, "auth", "login", `--cred-file=${file}`);
    assert.equal((await json(gcloud, "auth", "list"))[0].account, WORKLOAD);
    assert.equal((await whose(stage, await run(gcloud, "auth", "print-access-token", as(TARGET)))).email, TARGET);
    await run(gcloud, "auth", "revoke", "--all");
    assert.deepEqual(await json(gcloud, "auth", "list"), []);
  },
  async "on a machine it is the default account of the metadata server"(stage) {
    const env = { CLOUDSDK_CORE_CHECK_GCE_METADATA: "true", GCE_METADATA_ROOT: stage.emulator.metadataServerHost };
    const gcloud = stage.gcloudAs("machine", env);
    const { uniqueId } = stage.emulator.addServiceAccount(account("caller")); // it is there already
    assert.equal((await whose(stage, await run(gcloud, "auth", "print-access-token"))).azp, uniqueId);
    const claims = await claimsOf(
      stage,
      await run(gcloud, "auth", "print-identity-token", "--audiences=https://a.example"),
    );
    assert.deepEqual([claims.aud, claims.sub], ["https://a.example", uniqueId]);
  },
  async "access tokens of an account in its name, with a lifetime, through a chain, and not of one that is locked"(
    stage,
  ) {
    const { alice } = stage;
    const { email, expires_in } = await whose(
      stage,
      await run(alice, "auth", "print-access-token", as(TARGET), "--lifetime=600"),
    );
    assert.equal(email, TARGET);
    assert.ok(Number(expires_in) > 500 && Number(expires_in) <= 600);
    const caller = await keyLogin(stage);
    const chain = as(account("first"), account("second"));
    assert.equal((await whose(stage, await run(caller, "auth", "print-access-token", chain))).email, account("second"));
    await fails(
      alice,
      ["auth", "print-access-token", as(account("locked"))],
      /iam\.serviceAccounts\.getAccessToken.*denied|PERMISSION_DENIED/s,
    );
  },
  async "identity tokens of an account in its name"(stage) {
    const print = ["auth", "print-identity-token", as(TARGET), "--audiences=https://a.example"];
    const claims = await claimsOf(stage, await run(stage.alice, ...print, "--include-email"));
    assert.equal(claims.email, TARGET);
    assert.equal((await claimsOf(stage, await run(stage.alice, ...print))).email, undefined);
  },
};

const administration = {
  async "accounts: created, listed, described, updated, disabled, enabled, deleted and brought back"({
    alice,
    emulator,
  }) {
    const accounts = (verb, ...args) => json(alice, "iam", "service-accounts", verb, ...args);
    const fresh = account("fresh-1");
    const { uniqueId } = await accounts("create", "fresh-1", "--display-name=Fresh");
    assert.ok((await accounts("list")).some(({ email }) => email === fresh));
    assert.equal((await accounts("describe", fresh)).displayName, "Fresh");
    assert.equal((await accounts("update", fresh, "--description=New")).description, "New");
    await run(alice, "iam", "service-accounts", "disable", fresh);
    assert.equal((await accounts("describe", fresh)).disabled, true);
    await run(alice, "iam", "service-accounts", "enable", fresh);
    await run(alice, "iam", "service-accounts", "delete", fresh);
    assert.ok(!emulator.exportState().serviceAccounts.some(({ email }) => email === fresh));
    await run(alice, "beta", "iam", "service-accounts", "undelete", uniqueId);
    assert.equal((await accounts("describe", fresh)).uniqueId, uniqueId);
    await fails(alice, ["iam", "service-accounts", "describe", account("nobody")], /PERMISSION_DENIED/); // by a name without the project
  },
  async "accounts in an account's name: what it may, and what it may not"({ alice }) {
    const describe = ["iam", "service-accounts", "describe", TARGET];
    await fails(alice, [...describe, as(TARGET)], /iam\.serviceAccounts\.get/);
    assert.equal((await json(alice, "projects", "describe", PROJECT, as(TARGET))).projectNumber, NUMBER);
  },
  async "keys: created, listed, read, disabled, enabled, deleted; uploads that a policy forbids"({
    alice,
    folder,
    read,
    gcloudAs,
  }) {
    const iam = `--iam-account=${TARGET}`;
    const keys = (verb, ...args) => run(alice, "iam", "service-accounts", "keys", verb, ...args, iam);
    await keys("create", "key.json");
    const { private_key_id: id, private_key } = JSON.parse(read("key.json"));
    const listed = async () => JSON.parse(await keys("list", "--format=json")).find(({ name }) => name.endsWith(id));
    assert.equal((await listed()).keyType, "USER_MANAGED");
    await run(alice, "beta", "iam", "service-accounts", "keys", "get-public-key", id, iam, "--output-file=key.pem");
    const spki = (key) => createPublicKey(key).export({ type: "spki", format: "der" });
    assert.deepEqual(spki(read("key.pem")), spki(private_key));
    await keys("disable", id);
    assert.equal((await listed()).disabled, true);
    const login = ["auth", "activate-service-account", `--key-file=${join(folder, "key.json")}`];
    const other = gcloudAs("other-key");
    await fails(other, login, /invalid_grant/);
    await keys("enable", id);
    await run(other, ...login);
    await keys("delete", id);
    assert.equal(await listed(), undefined);
    await fails(
      alice,
      ["iam", "service-accounts", "keys", "upload", "ca.pem", iam],
      /FAILED_PRECONDITION|INVALID_ARGUMENT/,
    );
  },
  async "policies: bindings with and without a condition, a file, and one that is out of date"({ alice, folder }) {
    const member = "--member=user:bob@example.com";
    const policies = (verb, ...args) => json(alice, "iam", "service-accounts", verb, TARGET, ...args);
    const bobs = ({ bindings }) => bindings.filter(({ members }) => members.includes("user:bob@example.com"));
    await policies("add-iam-policy-binding", member, "--role=roles/iam.serviceAccountUser", "--condition=None");
    const condition = 'expression=request.time < timestamp("2099-01-01T00:00:00Z"),title=soon';
    const added = await policies("add-iam-policy-binding", member, `--role=${CREATOR}`, `--condition=${condition}`);
    assert.deepEqual(
      bobs(added).map(({ condition: when }) => when?.title),
      [undefined, "soon"],
    );
    const before = await policies("get-iam-policy");
    await policies("remove-iam-policy-binding", member, "--role=roles/iam.serviceAccountUser", "--condition=None");
    await policies("remove-iam-policy-binding", member, `--role=${CREATOR}`, `--condition=${condition}`);
    assert.deepEqual(bobs(await policies("get-iam-policy")), []);
    writeFileSync(join(folder, "policy.json"), JSON.stringify(before));
    await fails(
      alice,
      ["iam", "service-accounts", "set-iam-policy", TARGET, "policy.json"],
      /concurrent policy changes|ABORTED/,
    );
    const { etag } = await policies("get-iam-policy");
    writeFileSync(join(folder, "policy.json"), JSON.stringify({ ...before, etag }));
    assert.equal(bobs(await policies("set-iam-policy", "policy.json")).length, 2);
  },
  async "roles: predefined ones, and of a project created, updated, copied, deleted and brought back"({ alice }) {
    const roles = (verb, ...args) => json(alice, "iam", "roles", verb, ...args);
    const own = `--project=${PROJECT}`;
    assert.ok((await roles("list")).some(({ name }) => name === CREATOR));
    assert.ok((await roles("describe", CREATOR)).includedPermissions.includes("iam.serviceAccounts.signJwt"));
    await roles("create", "signer", own, "--title=Signer", "--permissions=iam.serviceAccounts.signBlob", "--stage=GA");
    const updated = await roles("update", "signer", own, "--add-permissions=iam.serviceAccounts.signJwt");
    assert.deepEqual(updated.includedPermissions.sort(), [
      "iam.serviceAccounts.signBlob",
      "iam.serviceAccounts.signJwt",
    ]);
    await roles("copy", `--source=${CREATOR}`, "--destination=creator", `--dest-project=${PROJECT}`);
    await roles("delete", "signer", own);
    const ids = async (...args) => (await roles("list", own, ...args)).map(({ name }) => name.split("/").at(-1)).sort();
    assert.deepEqual(await ids(), ["creator"]);
    assert.deepEqual(await ids("--show-deleted"), ["creator", "signer"]);
    assert.equal((await roles("undelete", "signer", own)).deleted, undefined);
    const resource = `//cloudresourcemanager.googleapis.com/projects/${PROJECT}`;
    assert.ok((await json(alice, "iam", "list-grantable-roles", resource)).some(({ name }) => name === CREATOR));
    assert.ok((await json(alice, "iam", "list-testable-permissions", resource)).length > 10);
  },
  async "projects: listed, described by id and number, and their policies"({ alice }) {
    assert.deepEqual(
      (await json(alice, "projects", "list")).map(({ projectNumber }) => projectNumber),
      [NUMBER],
    );
    assert.equal((await json(alice, "projects", "describe", NUMBER)).projectId, PROJECT);
    const binding = ["--member=user:bob@example.com", "--role=roles/viewer", "--condition=None"];
    await json(alice, "projects", "add-iam-policy-binding", PROJECT, ...binding);
    const { bindings } = await json(alice, "projects", "get-iam-policy", PROJECT);
    assert.ok(bindings.some(({ role }) => role === "roles/viewer"));
    await json(alice, "projects", "remove-iam-policy-binding", PROJECT, ...binding);
  },
  async "services: one that is disabled refuses what needs it until it is enabled"({ alice }) {
    await run(alice, "services", "disable", "iamcredentials.googleapis.com");
    const names = (await json(alice, "services", "list", "--enabled")).map(({ config }) => config.name);
    assert.ok(names.includes("iam.googleapis.com") && !names.includes("iamcredentials.googleapis.com"));
    await fails(alice, ["auth", "print-access-token", as(TARGET)], /has not been used in project|SERVICE_DISABLED/);
    await run(alice, "services", "enable", "iamcredentials.googleapis.com");
    await run(alice, "auth", "print-access-token", as(TARGET));
  },
  async "organization policies that hold are told"({ alice }) {
    const describe = [
      "org-policies",
      "describe",
      "iam.disableServiceAccountKeyUpload",
      `--project=${PROJECT}`,
      "--effective",
    ];
    assert.deepEqual((await json(alice, ...describe)).spec.rules, [{ enforce: true }]);
  },
};

// Who signs: an account that the caller may act as, and another in that account's name.
const SIGNERS = [
  [TARGET, []],
  [account("second"), [as(TARGET)]],
];
const sign = (gcloud, ...args) => run(gcloud, "iam", "service-accounts", ...args);

const signing = {
  async "sign-blob, as the caller and in an account's name"(stage) {
    const { alice, folder, read, emulator } = stage;
    writeFileSync(join(folder, "blob.txt"), "to be signed");
    emulator.addGrant({ member: `serviceAccount:${TARGET}`, role: CREATOR, serviceAccount: account("second") });
    for (const [signer, flags] of SIGNERS) {
      await sign(alice, "sign-blob", "blob.txt", "blob.sig", `--iam-account=${signer}`, ...flags);
      const certificates = Object.values(await (await fetch(emulator.url + certificatesOf(signer))).json());
      const isBy = (pem) =>
        createVerify("RSA-SHA256").update("to be signed").verify(new X509Certificate(pem).publicKey, read("blob.sig"));
      assert.ok(certificates.some(isBy), `signed by ${signer}`);
    }
  },
  async "sign-jwt, as the caller and in an account's name"(stage) {
    const { alice, folder, read } = stage;
    writeFileSync(join(folder, "claims.json"), JSON.stringify({ sub: "x", aud: "https://a.example" }));
    for (const [signer, flags] of SIGNERS) {
      await sign(alice, "sign-jwt", "claims.json", "signed.jwt", `--iam-account=${signer}`, ...flags);
      assert.equal((await claimsOf(stage, read("signed.jwt").toString(), certificatesOf(signer))).sub, "x");
    }
  },
  async "storage sign-url, with a key and in an account's name: Cloud Storage takes both"(stage) {
    const { alice, judgements } = stage;
    const key = await fileOf(stage, "service_account", { serviceAccount: account("caller") });
    for (const [flag, email] of [
      [as(TARGET), TARGET],
      [`--private-key-file=${key}`, account("caller")],
    ]) {
      const before = judgements.length;
      const [{ signed_url }] = await json(
        alice,
        "storage",
        "sign-url",
        "gs://bucket/an object",
        "--duration=10m",
        "--region=us-east1",
        flag,
      );
      assert.match(signed_url, new RegExp(`x-goog-credential=${encodeURIComponent(email)}`));
      // It looks itself whether the object is there, by a URL that it signs in the same way.
      assert.deepEqual(judgements.slice(before), [true]);
    }
  },
};

const last = {
  async "nothing was asked of any other host"({ refused }) {
    assert.deepEqual(refused, []);
  },
};

/** The checks by their titles, in the order in which they run. */
export const checks = { ...identities, ...administration, ...signing, ...last };
