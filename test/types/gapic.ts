// SPDX-License-Identifier: Apache-2.0
// The drop-in's types beside the original's: what one takes and gives, the other does. Never run: `tsc` reads it. What a whole program
// makes of them is in gapic-user-code.ts.

import type * as theirs from "@google-cloud/iam-credentials";
import type * as gax from "google-gax";
import type * as ours from "../../src/gapic/index.js";

type Google = theirs.IAMCredentialsClient;
type Ours = ours.IAMCredentialsClient;
// Private members make classes strangers to each other; `auth` is of whichever copy of google-auth-library is installed.
type Public<Class> = { [Member in Exclude<keyof Class, "auth">]: Class[Member] };

export const members = (google: Public<Google>): Public<Ours> => google;
export const membersBack = (own: Public<Ours>): Public<Google> => own;
export const keys = (key: keyof Google): keyof Ours => key;
export const statics = (key: keyof typeof theirs.IAMCredentialsClient): keyof typeof ours.IAMCredentialsClient => key;
export const exported = (key: keyof typeof theirs): keyof typeof ours => key;

export const clientOptions = (options: Omit<gax.ClientOptions, "auth" | "authClient">): ours.ClientOptions => options;
export const callOptions = (options: gax.CallOptions): ours.CallOptions => options;
export const callback = (
  done: gax.Callback<string, undefined, undefined>,
): ours.Callback<string, undefined, undefined> => done;

type Theirs1 = typeof theirs.protos.google.iam.credentials.v1;
type Ours1 = typeof ours.protos.google.iam.credentials.v1;
export const messages = (key: keyof Theirs1): keyof Ours1 => key;
export const wellKnown = (key: keyof typeof theirs.protos.google.protobuf): keyof typeof ours.protos.google.protobuf =>
  key;

import TheirV1 = theirs.protos.google.iam.credentials.v1;
import OurV1 = ours.protos.google.iam.credentials.v1;

interface Messages {
  readonly requests: [
    TheirV1.IGenerateAccessTokenRequest,
    TheirV1.IGenerateIdTokenRequest,
    TheirV1.ISignBlobRequest,
    TheirV1.ISignJwtRequest,
  ];
  readonly responses: [
    TheirV1.IGenerateAccessTokenResponse,
    TheirV1.IGenerateIdTokenResponse,
    TheirV1.ISignBlobResponse,
    TheirV1.ISignJwtResponse,
  ];
}

interface OurMessages {
  readonly requests: [
    OurV1.IGenerateAccessTokenRequest,
    OurV1.IGenerateIdTokenRequest,
    OurV1.ISignBlobRequest,
    OurV1.ISignJwtRequest,
  ];
  readonly responses: [
    OurV1.IGenerateAccessTokenResponse,
    OurV1.IGenerateIdTokenResponse,
    OurV1.ISignBlobResponse,
    OurV1.ISignJwtResponse,
  ];
}

export const plain = (google: Messages): OurMessages => google;
export const plainBack = (own: OurMessages): Messages => own;
export const instance = (own: OurV1.SignBlobRequest): TheirV1.SignBlobRequest => own;
export const instanceBack = (google: TheirV1.SignBlobRequest): OurV1.SignBlobRequest => google;
