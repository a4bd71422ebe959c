// SPDX-License-Identifier: Apache-2.0
// Asks the emulator's own endpoints. A refusal becomes an Error with the emulator's words.

const BASE = "/emulator/v1/";
const KEY = "emulator-key";

// An emulator that other machines can reach needs a key, which is in the URL that it printed.
function takeKey(): string | null {
  const address = new URL(location.href);
  const given = address.searchParams.get("key");
  if (given === null) return sessionStorage.getItem(KEY);
  sessionStorage.setItem(KEY, given);
  address.searchParams.delete("key");
  history.replaceState(null, "", address);
  return given;
}

const key = takeKey();

/** The URL of the events. */
export const eventsUrl = `${BASE}events${key === null ? "" : `?key=${encodeURIComponent(key)}`}`;

async function refusalOf(response: Response): Promise<Error> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } }; // Google's form of errors, or none
    if (error?.message !== undefined) return new Error(error.message);
  } catch {
    // A page.
  }
  return new Error(`${response.status} ${response.statusText}`);
}

/** Sends a request and returns the answer's text. */
export async function askText(method: string, path: string, body?: object): Promise<string> {
  const headers = {
    ...(key === null ? {} : { "x-emulator-key": key }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const content = body === undefined ? { headers } : { headers, body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await fetch(BASE + path, { method, cache: "no-store", ...content });
  } catch {
    throw new Error("The emulator does not respond.");
  }
  if (!response.ok) throw await refusalOf(response);
  return response.text();
}

/** Sends a request and returns the answer's JSON, whose type the caller knows. */
export async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  return JSON.parse(await askText(method, path, body)) as Answer; // as: the emulator's own endpoints answer with it
}

/** Sends a GET request. */
export function get<Answer>(path: string): Promise<Answer> {
  return ask<Answer>("GET", path);
}

/** The path of an account, or of something below it. */
export function accountPath(email: string, rest = ""): string {
  return `accounts/${encodeURIComponent(email)}${rest}`;
}
