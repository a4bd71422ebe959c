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
// An expiry may be a Long, see below; descriptors, empty in both, are of google-gax's own classes there.
export const membersBack = (own: Public<Ours>): Omit<Public<Google>, "generateAccessToken" | "descriptors"> => own;
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

interface Messages {
  readonly requests: [
    theirs.protos.google.iam.credentials.v1.IGenerateAccessTokenRequest,
    theirs.protos.google.iam.credentials.v1.IGenerateIdTokenRequest,
    theirs.protos.google.iam.credentials.v1.ISignBlobRequest,
    theirs.protos.google.iam.credentials.v1.ISignJwtRequest,
  ];
  readonly responses: [
    theirs.protos.google.iam.credentials.v1.IGenerateAccessTokenResponse,
    theirs.protos.google.iam.credentials.v1.IGenerateIdTokenResponse,
    theirs.protos.google.iam.credentials.v1.ISignBlobResponse,
    theirs.protos.google.iam.credentials.v1.ISignJwtResponse,
  ];
}

interface OurMessages {
  readonly requests: [
    ours.protos.google.iam.credentials.v1.IGenerateAccessTokenRequest,
    ours.protos.google.iam.credentials.v1.IGenerateIdTokenRequest,
    ours.protos.google.iam.credentials.v1.ISignBlobRequest,
    ours.protos.google.iam.credentials.v1.ISignJwtRequest,
  ];
  readonly responses: [
    ours.protos.google.iam.credentials.v1.IGenerateAccessTokenResponse,
    ours.protos.google.iam.credentials.v1.IGenerateIdTokenResponse,
    ours.protos.google.iam.credentials.v1.ISignBlobResponse,
    ours.protos.google.iam.credentials.v1.ISignJwtResponse,
  ];
}

/** Long as a thing of three fields: the original's types are of the package `long`, ours of what protobufjs says of it. */
type WithPlainLong<Value> = Value extends { low: number; high: number; unsigned: boolean }
  ? { low: number; high: number; unsigned: boolean }
  : Value extends Uint8Array
    ? Value
    : Value extends object
      ? { [Key in keyof Value]: WithPlainLong<Value[Key]> }
      : Value;

export const plain = (google: WithPlainLong<Messages>): WithPlainLong<OurMessages> => google;
export const plainBack = (own: WithPlainLong<OurMessages>): WithPlainLong<Messages> => own;
export const taken = (google: Messages): OurMessages => google;
export const instance = (
  own: ours.protos.google.iam.credentials.v1.SignBlobRequest,
): theirs.protos.google.iam.credentials.v1.SignBlobRequest => own;
export const instanceBack = (
  google: theirs.protos.google.iam.credentials.v1.SignBlobRequest,
): ours.protos.google.iam.credentials.v1.SignBlobRequest => google;
