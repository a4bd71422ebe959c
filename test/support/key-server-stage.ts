// SPDX-License-Identifier: Apache-2.0
// A key server of our own, a verifier that asks it, on a clock that moves by hand, and tokens signed with its keys.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { VerificationError } from "../../src/index.js";
import { Verifier } from "../../src/verification/verifier.js";
import { type HttpStage, startHttpStage } from "./http-stage.js";
import { ManualClock } from "./manual-clock.js";
import { rejectionOf } from "./rejection-of.js";

export const ROBOT = "robot@my-project.iam.gserviceaccount.com";
export const AUDIENCE = "https://my-service.example";

/** What the stage's good claims fulfill. */
export const EXPECTED = { serviceAccount: ROBOT, audience: AUDIENCE };

const pairs = [1, 2].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }));

/** The key pair whose id is `key-0` or `key-1`. */
export function keyAt(index: number): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  const pair = pairs[index];
  if (pair === undefined) throw new Error(`there is no key ${index}`);
  return pair;
}

/** A part of a JWT. */
export const encodePart = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

interface SigningOptions {
  readonly header?: object;
  readonly key?: KeyObject;
}

/** A signed JWT. Default: by `key-0`, and says so. */
export function signedJwt(claims: object, { header = {}, key = keyAt(0).privateKey }: SigningOptions = {}): string {
  const input = `${encodePart({ alg: "RS256", kid: "key-0", typ: "JWT", ...header })}.${encodePart(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}

/** Which check failed, and the message. Throws when it ended in any other way. */
export async function failureOf(promise: Promise<unknown>): Promise<[check: string, message: string]> {
  const error = await rejectionOf(promise);
  if (!(error instanceof VerificationError)) throw error;
  return [error.check, error.message];
}

/** The stage. */
export interface KeyServerStage extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly keyServer: HttpStage;
  /** Asks the key server. */
  readonly verifier: Verifier;
  /** The keys that the server has. Default: `key-0`. */
  published: number[];
  /** Default: 15 minutes. */
  cacheControl: string;
  nowSeconds(): number;
  /** Claims that are as {@link EXPECTED}, good for an hour. */
  goodClaims(): { sub: string; aud: string; iat: number; exp: number };
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens the stage. */
export async function openKeyServerStage(): Promise<KeyServerStage> {
  const clock = new ManualClock();
  const keyServer = await startHttpStage(() => ({
    headers: { "cache-control": stage.cacheControl },
    body: { keys: stage.published.map(publicForm) },
  }));
  const nowSeconds = () => Math.floor(clock.wallNow() / 1000);
  const stage: KeyServerStage = {
    clock,
    keyServer,
    verifier: new Verifier({ keysUrl: keyServer.url, clock }),
    published: [0],
    cacheControl: "public, max-age=900",
    nowSeconds,
    goodClaims: () => ({ sub: "robot-7", aud: AUDIENCE, iat: nowSeconds(), exp: nowSeconds() + 3600 }),
    [Symbol.asyncDispose]: () => keyServer.close(),
  };
  return stage;
}

function publicForm(index: number) {
  const { n, e } = keyAt(index).publicKey.export({ format: "jwk" });
  return { kty: "RSA", alg: "RS256", use: "sig", kid: `key-${index}`, n, e };
}
