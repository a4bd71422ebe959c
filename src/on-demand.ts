// SPDX-License-Identifier: Apache-2.0
// Names of the front door that are loaded when they are first read, since most programs use few of them. Knows where each one is.
//
// The door exports them by name as anything else. tsc makes a getter of each such export, Node's ESM loader finds the names there,
// and the getter reads these, which load. (An ESM import of the door reads all of them at once: that is how Node imports CommonJS.)

/** Defines names that a module has, without loading it. */
function onDemand(load: () => Readonly<Record<string, unknown>>, ...names: readonly string[]): void {
  for (const name of names) {
    Object.defineProperty(exports, name, { enumerable: true, get: () => load()[name] });
  }
}

/** Tokens of the service account that a Google machine runs as. */
export declare const ComputeEngineCredentials: typeof import("./auth/metadata-server/compute-engine-credentials.js").ComputeEngineCredentials;
/** Tokens of the service account that a Google machine runs as. */
export type ComputeEngineCredentials =
  import("./auth/metadata-server/compute-engine-credentials.js").ComputeEngineCredentials;
onDemand(() => require("./auth/metadata-server/compute-engine-credentials.js"), "ComputeEngineCredentials");

/** ID tokens of the service account that a Google machine runs as. */
export declare const ComputeEngineIdTokenCredentials: typeof import("./impersonation/compute-engine-id-token-credentials.js").ComputeEngineIdTokenCredentials;
/** ID tokens of the service account that a Google machine runs as. */
export type ComputeEngineIdTokenCredentials =
  import("./impersonation/compute-engine-id-token-credentials.js").ComputeEngineIdTokenCredentials;
onDemand(() => require("./impersonation/compute-engine-id-token-credentials.js"), "ComputeEngineIdTokenCredentials");

/** Acts as a service account: tokens and signatures. */
export declare const ImpersonatedCredentials: typeof import("./impersonation/impersonated-credentials.js").ImpersonatedCredentials;
/** Acts as a service account: tokens and signatures. */
export type ImpersonatedCredentials = import("./impersonation/impersonated-credentials.js").ImpersonatedCredentials;
onDemand(() => require("./impersonation/impersonated-credentials.js"), "ImpersonatedCredentials");

/** Proves the identity of a service account to one audience. */
export declare const ImpersonatedIdTokenCredentials: typeof import("./impersonation/impersonated-id-token-credentials.js").ImpersonatedIdTokenCredentials;
/** Proves the identity of a service account to one audience. */
export type ImpersonatedIdTokenCredentials =
  import("./impersonation/impersonated-id-token-credentials.js").ImpersonatedIdTokenCredentials;
onDemand(() => require("./impersonation/impersonated-id-token-credentials.js"), "ImpersonatedIdTokenCredentials");

/** Signs bytes, one or many, and URLs, as a service account. */
export declare const Signer: typeof import("./impersonation/signer.js").Signer;
/** Signs bytes, one or many, and URLs, as a service account. */
export type Signer = import("./impersonation/signer.js").Signer;
onDemand(() => require("./impersonation/signer.js"), "Signer");

/** Verifies what service accounts and Google have signed. */
export declare const Verifier: typeof import("./verification/verifier.js").Verifier;
/** Verifies what service accounts and Google have signed. */
export type Verifier = import("./verification/verifier.js").Verifier;

/** Verifies a signature of signBlob with keys that the whole process shares. */
export declare const verifyBlob: typeof import("./verification/verifier.js").verifyBlob;

/** Verifies an assertion of Identity-Aware Proxy with keys that the whole process shares. */
export declare const verifyIapAssertion: typeof import("./verification/verifier.js").verifyIapAssertion;

/** Verifies a Google ID token with keys that the whole process shares. */
export declare const verifyIdToken: typeof import("./verification/verifier.js").verifyIdToken;

/** Verifies a JWT of signJwt with keys that the whole process shares. */
export declare const verifyJwt: typeof import("./verification/verifier.js").verifyJwt;
onDemand(
  () => require("./verification/verifier.js"),
  "Verifier",
  "verifyBlob",
  "verifyIapAssertion",
  "verifyIdToken",
  "verifyJwt",
);

/** Explains an error: its cause, and what fixes it. */
export declare const explainError: typeof import("./base/causes/explain-error.js").explainError;
onDemand(() => require("./base/causes/explain-error.js"), "explainError");

/** Which credentials a client would take, and where else it would look. */
export declare const explainCredentials: typeof import("./iam-credentials/credentials.js").explainCredentials;
onDemand(() => require("./iam-credentials/credentials.js"), "explainCredentials");
