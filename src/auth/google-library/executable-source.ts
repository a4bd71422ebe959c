// SPDX-License-Identifier: Apache-2.0
// Runs the program of an executable-sourced external account. google-auth-library's own way ends the process if the program cannot be
// started or is killed, takes a warning on standard error for part of the answer, and repeats in its errors whatever was written.
// Source: AIP-4117. Decides neither whether programs may run nor what becomes of the token.

import { spawn } from "node:child_process";
import { systemClock } from "../../base/clock.js";
import { readEnvironment } from "../../base/environment.js";
import { parseJsonObject } from "../../base/http/http-message.js";

/** What the library reads of an answer. */
interface ExecutableAnswer {
  readonly version: number;
  readonly success: true;
  /** Seconds since 1970. Default: it does not end. */
  readonly expirationTime: number | undefined;
  readonly subjectToken: string;
  isExpired(): boolean;
}

/** The part of the library that runs the program. */
interface ExecutableHandler {
  readonly commandComponents: readonly string[];
  readonly timeoutMillis: number;
  retrieveResponseFromExecutable(variables: ReadonlyMap<string, string>): Promise<ExecutableAnswer>;
}

/** Lets a client of the library run its program our way, if it has one. */
export function adaptExecutable(client: object): void {
  const handler: unknown = Reflect.get(client, "handler");
  if (!isHandler(handler)) return;
  handler.retrieveResponseFromExecutable = async (variables) => readAnswer(await runProgram(handler, variables));
}

function isHandler(value: unknown): value is ExecutableHandler {
  return typeof value === "object" && value !== null && "retrieveResponseFromExecutable" in value;
}

interface Ending {
  readonly output: string;
  /** `undefined`: it was killed. */
  readonly code: number | undefined;
}

function runProgram(
  { commandComponents: [program = "", ...parameters], timeoutMillis: timeout }: ExecutableHandler,
  variables: ReadonlyMap<string, string>,
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const env = { ...readEnvironment(), ...Object.fromEntries(variables) };
    const child = spawn(program, parameters, { env, stdio: ["ignore", "pipe", "ignore"] });
    const output: Buffer[] = [];
    const stopTimer = systemClock.schedule(timeout, () => {
      child.kill();
      reject(failure(`did not finish within ${timeout} ms`));
    });
    child.stdout.on("data", (part: Buffer) => output.push(part));
    child.once("error", (error: NodeJS.ErrnoException) => {
      stopTimer();
      // Node's own text has the parameters.
      const { code = "unknown error" } = error;
      reject(failure(`could not be started: ${code}`));
    });
    child.once("close", (code) => {
      stopTimer();
      resolve({ output: Buffer.concat(output).toString("utf8"), code: code ?? undefined });
    });
  });
}

const SAML = "urn:ietf:params:oauth:token-type:saml2";
const TOKEN_TYPES: readonly unknown[] = [
  "urn:ietf:params:oauth:token-type:id_token",
  "urn:ietf:params:oauth:token-type:jwt",
  SAML,
];

/** @throws Error with the program's own message if it reported an error; of anything else that it wrote, nothing is repeated */
function readAnswer({ output, code: exitCode }: Ending): ExecutableAnswer {
  const document = parseJsonObject(output) ?? {};
  const { version, success, code, message, token_type: type, expiration_time: expirationTime } = document;
  if (success === false && typeof message === "string") throw failure(`reported: ${String(code)}: ${message}`);
  if (exitCode === undefined) throw failure("was killed");
  if (exitCode !== 0) throw failure(`ended with exit code ${exitCode}`);
  const subjectToken = document[type === SAML ? "saml_response" : "id_token"];
  if (typeof version !== "number" || success !== true) {
    throw failure(
      'must write a JSON object with version and success to standard output, and on failure "code" and "message"',
    );
  }
  if (!TOKEN_TYPES.includes(type)) throw failure(`must write a token_type that is one of ${TOKEN_TYPES.join(", ")}`);
  if (typeof subjectToken !== "string" || subjectToken === "") {
    throw failure(`must write the token as ${type === SAML ? "saml_response" : "id_token"}`);
  }
  const expiry = typeof expirationTime === "number" ? expirationTime : undefined;
  const isExpired = (): boolean => expiry !== undefined && expiry * 1000 < systemClock.wallNow();
  return { version, success, expirationTime: expiry, subjectToken, isExpired };
}

const failure = (what: string): Error => new Error(`credential_source.executable: the program ${what}`);
