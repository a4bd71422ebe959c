// SPDX-License-Identifier: Apache-2.0
// The front door: exports by name, no logic. What most programs do not use is loaded when its name is first read.

export type { CredentialsSummary } from "./auth/files/credentials-summary.js";
export type { GoogleAuthClientLike } from "./auth/google-library/library-clients.js";
export type {
  ComputeEngineCredentialsOptions,
  CredentialsDescription,
} from "./auth/metadata-server/compute-engine-credentials.js";
export type { Credentials, CredentialsFileInfo } from "./auth/resolve-token-provider.js";
export type { ServiceAccountInfo } from "./auth/service-account.js";
export type { HttpRequestOptions, HttpResponse } from "./auth/tokens/authorized-request.js";
export type { GoogleAuthTokens, RenewingCredentials } from "./auth/tokens/renewing-credentials.js";
export type { TokenWaitOptions } from "./auth/tokens/token-cache.js";
export type { CauseId } from "./base/causes/classify.js";
export type { ErrorHelp } from "./base/causes/error-help.js";
export type { ErrorExplanation } from "./base/causes/explain-error.js";
export type { ErrorContext } from "./base/causes/situation.js";
export { Status, type StatusName } from "./base/causes/status.js";
export type { ClientCertificate, ClientCertSource } from "./base/certificate/client-certificate.js";
export type { Clock } from "./base/clock.js";
export {
  ClientClosedError,
  ConfigurationError,
  CredentialsError,
  type ErrorDetail,
  IAMCredentialsError,
  MutualTlsChannelError,
  RequestError,
  RpcError,
  type VerificationCheck,
  VerificationError,
} from "./base/errors.js";
export type { LogFields, Logger } from "./base/logging.js";
export type { MeterProviderLike, TracerProviderLike } from "./base/telemetry.js";
export type { Timestamp } from "./base/timestamp.js";
export type { RequestMetadata, TokenProvider, TokenRequest } from "./base/token-provider.js";
export type { ClientOptions } from "./client/client-options.js";
export type { CloseOptions } from "./client/client-session.js";
export type { EndpointExplanation, EndpointInput } from "./client/endpoint/explain-endpoint.js";
export type { EndpointRule } from "./client/endpoint/resolve-endpoint.js";
export type {
  CredentialsExplanation,
  CredentialsPlace,
  ExplainCredentialsOptions,
} from "./client/explain-credentials.js";
export {
  createServiceClient,
  type ServiceClient,
  type ServiceClientMembers,
  type ServiceMethod,
  type ServiceRow,
} from "./client/service-client.js";
export { IAMCredentialsAsyncClient } from "./iam-credentials/client.js";
export { explainEndpoint } from "./iam-credentials/endpoint.js";
export type {
  GenerateAccessTokenResponse,
  GenerateIdTokenResponse,
  SignBlobResponse,
  SignJwtResponse,
} from "./iam-credentials/methods.js";
export type {
  AccountRequest,
  DurationLike,
  GenerateAccessTokenRequest,
  GenerateIdTokenRequest,
  SignBlobRequest,
  SignJwtRequest,
} from "./iam-credentials/requests.js";
export type {
  ByteSigner,
  ComputeEngineIdTokenCredentialsOptions,
} from "./impersonation/compute-engine-id-token-credentials.js";
export type { ImpersonatedCredentialsOptions } from "./impersonation/impersonated-credentials-options.js";
export type { ImpersonatedIdTokenCredentialsOptions } from "./impersonation/impersonated-id-token-credentials.js";
export type { ImpersonatedServiceAccountInfo } from "./impersonation/impersonated-service-account-info.js";
export type { ClientLike, ClientSource } from "./impersonation/shared-client.js";
export type { SignedUrlOptions } from "./impersonation/signed-url.js";
export type { Signature, SignBlobsOptions, SignerOptions } from "./impersonation/signer.js";
export type {
  EnumType,
  FieldType,
  HttpBinding,
  MapType,
  MessageFields,
  MessageType,
  MethodTables,
  OptionalType,
  RepeatedType,
  RoutingParameter,
  RowsOf,
  ScalarType,
  SingularType,
  WellKnownType,
} from "./messages/tables.js";
export {
  ComputeEngineCredentials,
  ComputeEngineIdTokenCredentials,
  explainCredentials,
  explainError,
  ImpersonatedCredentials,
  ImpersonatedIdTokenCredentials,
  Signer,
  Verifier,
  verifyBlob,
  verifyIapAssertion,
  verifyIdToken,
  verifyJwt,
} from "./on-demand.js";
export type { AttemptReport, CallDefaults, CallOptions } from "./rpc/call-options.js";
export { ReplyStream, type RequestSource } from "./rpc/call-stream.js";
export type { CallMetadata, ClientInfo } from "./rpc/metadata.js";
export type {
  HttpRule,
  MethodDescriptor,
  MethodRow,
  PagedRow,
  ServiceDescription,
  StreamKind,
  StreamRow,
} from "./rpc/method/method.js";
export { type MethodStub, type RowOptions, rowFromStub } from "./rpc/method/row-from-stub.js";
export type { PagedList, PageRequest, PageResponse } from "./rpc/paging.js";
export type { RetryOptions, RetryPolicy } from "./rpc/retry/policy.js";
export type { KeepaliveSettings } from "./rpc/transport/keepalive-settings.js";
export type { MetadataPairs, ReplyIterator, StreamCall, Transport, UnaryCall } from "./rpc/transport/transport.js";
export {
  getTransportClass,
  registerTransport,
  type TransportClass,
  type TransportMaker,
  type TransportSettings,
} from "./rpc/transport-registry.js";
export type {
  BlobToVerify,
  IapExpectations,
  IdTokenExpectations,
  JwtExpectations,
  VerifiedClaims,
  VerifierOptions,
} from "./verification/verifier.js";
