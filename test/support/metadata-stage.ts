// SPDX-License-Identifier: Apache-2.0
// A metadata server on this machine: the paths, headers and refusals of the real one, with tokens made by a test.

import { type HttpStage, type StageAnswer, type StageRequest, startHttpStage } from "./http-stage.js";

/** What the machine is. */
export interface MetadataStageOptions {
  /** Its service accounts, by e-mail; the first is `default`. */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  /** Makes an access token. */
  readonly accessToken: (email: string, scopes: string | null) => string | Promise<string>;
  /** Makes an ID token. Default: there is none. */
  readonly idToken?: (email: string, audience: string, format: string | null) => string | Promise<string>;
  /** Default: 3,599. */
  readonly expiresIn?: number;
  /** Default: the path is unknown, 404. */
  readonly universeDomain?: string;
}

const SERVER = { server: "Metadata Server for VM", "metadata-flavor": "Google", "x-frame-options": "SAMEORIGIN" };
const PREFIX = "/computeMetadata/v1/";

const text = (body: string, status = 200): StageAnswer => ({
  status,
  body,
  headers: { ...SERVER, "content-type": "application/text" },
});
const json = (body: object): StageAnswer => ({ body, headers: { ...SERVER, "content-type": "application/json" } });
const notFound: StageAnswer = {
  status: 404,
  headers: { ...SERVER, "content-type": "text/html; charset=UTF-8" },
  body: "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>",
};

async function answer(options: MetadataStageOptions, request: StageRequest): Promise<StageAnswer> {
  const url = new URL(request.path, "http://metadata.google.internal");
  if (request.headers["metadata-flavor"] !== "Google") {
    const body = "<title>Error 403 (Forbidden)!!1</title> Missing Metadata-Flavor:Google header.";
    return { status: 403, body, headers: { "content-type": "text/html; charset=UTF-8" } };
  }
  if (url.pathname === "/") return text("computeMetadata/\n");
  if (!url.pathname.startsWith(PREFIX)) return notFound;
  const path = decodeURIComponent(url.pathname.slice(PREFIX.length));
  if (path === "project/project-id") return text("my-project");
  if (path === "universe/universe-domain") {
    return options.universeDomain === undefined ? notFound : text(options.universeDomain);
  }
  const [, name = "", leaf] = /^instance\/service-accounts\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
  const email = name === "default" ? Object.keys(options.accounts)[0] : name;
  const scopes = options.accounts[email ?? ""];
  if (email === undefined || scopes === undefined) return notFound;
  switch (leaf) {
    case undefined:
      return { status: 301, body: "", headers: { ...SERVER, location: `${url.pathname}/` } };
    case "":
      return url.searchParams.get("recursive") === "true"
        ? json({ aliases: name === "default" ? ["default"] : [], email, scopes })
        : text("aliases\nemail\nidentity\nscopes\ntoken\n");
    case "email":
      return text(email);
    case "scopes":
      return text(`${scopes.join("\n")}\n`);
    case "token": {
      const token = await options.accessToken(email, url.searchParams.get("scopes"));
      return json({ access_token: token, expires_in: options.expiresIn ?? 3599, token_type: "Bearer" });
    }
    case "identity": {
      const audience = url.searchParams.get("audience") ?? "";
      if (audience === "") return text("non-empty audience parameter required\n", 400);
      if (options.idToken === undefined) return notFound;
      return text(await options.idToken(email, audience, url.searchParams.get("format")));
    }
    default:
      return notFound;
  }
}

/** Starts a metadata server. Its `answer` may be changed as that of any stage. */
export function startMetadataStage(options: MetadataStageOptions): Promise<HttpStage> {
  return startHttpStage((request) => answer(options, request));
}
