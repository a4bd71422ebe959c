// SPDX-License-Identifier: Apache-2.0
// `iamcreds auth configure-docker|configure-kubectl|configure-git|configure-npm|revoke-cache`: writes other programs' configuration, so
// that they ask us for tokens. Sends nothing but what npm's file needs.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder, FileTokenStore } from "../../cache/file-token-store.js";
import type { Host, Variables } from "../../host/host.js";
import { CommandError, messageOf, UsageError } from "../../host/output.js";
import { npmFileOf, registriesOf, withToken } from "../../session/npm-configuration.js";
import { openMinter } from "../../session/open-minter.js";
import { requireTarget, type Target, withCaller } from "../../source/caller.js";
import type { Command, Given } from "../../table/command.js";
import { writeAccounts } from "./docker-accounts.js";
import { replaceFile } from "./replace-file.js";

const listOf = (text: string | undefined): string[] => (text ?? "").split(",").filter((each) => each !== "");

/** The words that name a target on a command line. */
const chainOf = ({ account, delegates }: Target): string => [...delegates, account].join(",");

function readDockerConfiguration(path: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return {};
  }
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>; // as: an object of whatever
  } catch {
    throw new UsageError(`${path} is not JSON, and was left unchanged`);
  }
}

/** `iamcreds auth configure-docker`. */
export const configureDocker: Command = {
  text: `Makes docker get its registry passwords from docker-credential-iamcreds: writes credHelpers to ~/.docker/config.json, and the account
for each registry to ~/.config/iamcreds/docker.json.`,
  positionals: [{ name: "REGISTRY[,REGISTRY…]" }],
  run: async (given, host) => {
    const target = requireTarget(given);
    const registries = listOf(given.positionals[0]);
    const wrong = registries.find((each) => !/^[\w.-]+(:\d+)?$/.test(each));
    if (wrong !== undefined)
      throw new UsageError(`REGISTRY must be a host, such as europe-docker.pkg.dev, not ${JSON.stringify(wrong)}`);
    const path = join(
      host.variables["DOCKER_CONFIG"] || join(host.variables["HOME"] || homedir(), ".docker"),
      "config.json",
    );
    const configuration = readDockerConfiguration(path);
    const credHelpers = {
      ...Object(configuration["credHelpers"]),
      ...Object.fromEntries(registries.map((each) => [each, "iamcreds"])),
    };
    const accounts = writeAccounts(host.variables, Object.fromEntries(registries.map((each) => [each, target])));
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, `${JSON.stringify({ ...configuration, credHelpers }, undefined, 2)}\n`);
    host.complain(`wrote ${path} and ${accounts}\n`);
    return 0;
  },
};

function runOther(command: string, args: readonly string[], variables: Variables): void {
  try {
    execFileSync(command, args, { env: variables, stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    const { code, stderr } = Object(error) as { code?: unknown; stderr?: unknown }; // as: any value has properties after Object()
    if (code === "ENOENT") throw new CommandError(`${command}, which writes its own configuration, is not on the PATH`);
    throw new CommandError(`${command} ${args.slice(0, 2).join(" ")}: ${String(stderr ?? messageOf(error)).trim()}`);
  }
}

/** `iamcreds auth configure-kubectl`. */
export const configureKubectl: Command = {
  text: `Makes kubectl get its tokens for a context from iamcreds: runs kubectl to add a user with an exec block to the kubeconfig.`,
  positionals: [{ name: "CONTEXT" }],
  run: async (given, host) => {
    const target = requireTarget(given);
    const [context = ""] = given.positionals;
    const user = `iamcreds-${target.account}`;
    const words = ["credential", "kubectl", `--impersonate-service-account=${chainOf(target)}`];
    const exec = [
      "--exec-command=iamcreds",
      "--exec-api-version=client.authentication.k8s.io/v1",
      "--exec-interactive-mode=Never",
    ];
    runOther(
      "kubectl",
      ["config", "set-credentials", user, ...exec, ...words.map((word) => `--exec-arg=${word}`)],
      host.variables,
    );
    runOther("kubectl", ["config", "set-context", context, `--user=${user}`], host.variables);
    host.complain(`context ${context} now uses the user ${user}\n`);
    return 0;
  },
};

/** `iamcreds auth configure-git`. */
export const configureGit: Command = {
  text: "Makes git get its passwords for the given hosts from iamcreds: adds a credential helper to the user's git configuration.",
  positionals: [{ name: "HOST[,HOST…]" }],
  run: async (given, host) => {
    const target = requireTarget(given);
    for (const each of listOf(given.positionals[0])) {
      if (!/^[\w.-]+(:\d+)?$/.test(each)) throw new UsageError(`HOST must be a host, not ${JSON.stringify(each)}`);
      const helper = `!iamcreds credential git --impersonate-service-account=${chainOf(target)}`;
      runOther(
        "git",
        ["config", "--global", "--replace-all", `credential.https://${each}.helper`, helper],
        host.variables,
      );
      host.complain(`git now gets passwords for https://${each} from iamcreds\n`);
    }
    return 0;
  },
};

async function writeNpm(given: Given, host: Host): Promise<number> {
  const path = given.positionals[0] ?? npmFileOf(host.variables);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (registriesOf(text).length === 0) {
    throw new UsageError(
      `${path} names no registry of Artifact Registry, such as registry=https://REGION-npm.pkg.dev/PROJECT/REPOSITORY/`,
    );
  }
  return withCaller(given, host, async (caller) => {
    const { value } = await openMinter(requireTarget(given), given, host, caller).accessToken(
      undefined,
      caller.call.signal,
    );
    replaceFile(path, withToken(text, value));
    host.complain(`wrote ${path}; the token expires within an hour (exec --via npm renews it)\n`);
    return 0;
  });
}

/** `iamcreds auth configure-npm`. */
export const configureNpm: Command = {
  text: `Writes an access token for each Artifact Registry repository that an .npmrc names; other lines are left alone. npm has no way to
request a new token, and this one expires within an hour. For longer runs: iamcreds exec SA --via npm -- npm …`,
  positionals: [{ name: ".npmrc", isOptional: true, isFile: true }],
  run: writeNpm,
};

/** `iamcreds auth revoke-cache`. */
export const revokeCache: Command = {
  text: "Deletes all tokens cached in files, by --cache file or by the commands under credential.",
  hasCommonFlags: false,
  run: async (_, host) => {
    FileTokenStore.clear(cacheFolder(host.variables));
    return 0;
  },
};
