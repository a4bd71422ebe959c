// SPDX-License-Identifier: Apache-2.0
// The public keys at the paths where Google has them: those of service accounts, and those that sign ID tokens. Makes no key.

import type { KeyRing } from "../../world/keys/key-ring.js";
import { formatPublishedKeys, type KeyForm } from "../../world/keys/keys.js";
import type { EmulatorState } from "../../world/world.js";
import { type HttpAnswer, type HttpOperation, jsonAnswer, pageAnswer } from "../http/exchange.js";

const MAX_AGE_SECONDS = 900; // verifiers are told to refresh keys every 15 minutes
const HEADERS = { "cache-control": `public, max-age=${MAX_AGE_SECONDS}, must-revalidate, no-transform` };

// What a path leads to: whose keys, in which form. The ring is undefined when there is no such account.
interface KeyRoute {
  readonly path: RegExp;
  readonly name: string;
  find(state: EmulatorState, groups: readonly string[]): { ring: KeyRing | undefined; form: KeyForm };
}

const routes: readonly KeyRoute[] = [
  {
    path: /^\/service_accounts\/v1\/metadata\/(x509|raw|jwk)\/([^/]+)$/,
    name: "serviceAccounts.certs",
    // The pattern lets no other form through.
    find: (state, [form = "", email = ""]) => ({ ring: state.findAccount(email)?.keys, form: form as KeyForm }),
  },
  {
    path: /^\/robot\/v1\/metadata\/x509\/([^/]+)$/,
    name: "serviceAccounts.certs",
    find: (state, [email = ""]) => ({ ring: state.findAccount(email)?.keys, form: "x509" }),
  },
  { path: /^\/oauth2\/v3\/certs$/, name: "oauth2.certs", find: (state) => ({ ring: state.googleKeys, form: "jwk" }) },
  { path: /^\/oauth2\/v1\/certs$/, name: "oauth2.certs", find: (state) => ({ ring: state.googleKeys, form: "x509" }) },
];

async function publish(ring: KeyRing, form: KeyForm): Promise<HttpAnswer> {
  const answer = jsonAnswer(200, formatPublishedKeys(form, await ring.publishedKeys()), HEADERS);
  return { ...answer, contentType: "application/json; charset=UTF-8" };
}

/** The operation that publishes keys at a path; undefined when the path is of none. */
export function findKeyOperation(state: EmulatorState, path: string): HttpOperation | undefined {
  const route = routes.find((each) => each.path.test(path));
  if (route === undefined) return undefined;
  const { ring, form } = route.find(state, route.path.exec(path)?.slice(1) ?? []);
  return {
    name: route.name,
    service: "www.googleapis.com",
    refuse: (code, status, message) => pageAnswer(code, status, message),
    async run({ method }) {
      if (ring === undefined) {
        return pageAnswer(404, "Not Found", `The requested URL ${path} was not found on this server.`);
      }
      if (method === "GET" || method === "HEAD") return publish(ring, form);
      return pageAnswer(405, "Method Not Allowed", `The request method ${method} is inappropriate for the URL.`);
    },
  };
}
