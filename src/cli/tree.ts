// SPDX-License-Identifier: Apache-2.0
// Which commands there are, by their words, and what loads each. A command is added by its line here and a file in commands/ that
// exports it.

import type { Group, Tree } from "./table/command.js";
import { commonFlags } from "./table/common-flags.js";

const token = (): typeof import("./commands/auth/print-access-token.js") =>
  require("./commands/auth/print-access-token.js");
const idToken = (): typeof import("./commands/auth/print-identity-token.js") =>
  require("./commands/auth/print-identity-token.js");
const headers = (): typeof import("./commands/auth/print-headers.js") => require("./commands/auth/print-headers.js");
const whoami = (): typeof import("./commands/auth/whoami.js") => require("./commands/auth/whoami.js");
const decode = (): typeof import("./commands/auth/decode.js") => require("./commands/auth/decode.js");
const accounts = (): typeof import("./commands/iam/service-accounts/account-commands.js") =>
  require("./commands/iam/service-accounts/account-commands.js");
const lifecycle = (): typeof import("./commands/iam/service-accounts/lifecycle.js") =>
  require("./commands/iam/service-accounts/lifecycle.js");
const signing = (): typeof import("./commands/iam/service-accounts/signing.js") =>
  require("./commands/iam/service-accounts/signing.js");
const signUrl = (): typeof import("./commands/iam/service-accounts/sign-url.js") =>
  require("./commands/iam/service-accounts/sign-url.js");
const policies = (): typeof import("./commands/iam/service-accounts/account-policy.js") =>
  require("./commands/iam/service-accounts/account-policy.js");
const keys = (): typeof import("./commands/iam/service-accounts/keys/list-keys.js") =>
  require("./commands/iam/service-accounts/keys/list-keys.js");
const keyChanges = (): typeof import("./commands/iam/service-accounts/keys/change-keys.js") =>
  require("./commands/iam/service-accounts/keys/change-keys.js");
const roles = (): typeof import("./commands/iam/roles.js") => require("./commands/iam/roles.js");
const chain = (): typeof import("./commands/iam/chain-commands.js") => require("./commands/iam/chain-commands.js");
const diagnosis = (): typeof import("./commands/diagnose-command.js") => require("./commands/diagnose-command.js");
const configure = (): typeof import("./commands/configure/configure.js") =>
  require("./commands/configure/configure.js");
const kubectl = (): typeof import("./commands/credential/kubectl.js") => require("./commands/credential/kubectl.js");
const docker = (): typeof import("./commands/credential/docker.js") => require("./commands/credential/docker.js");
const git = (): typeof import("./commands/credential/git.js") => require("./commands/credential/git.js");
const executable = (): typeof import("./commands/credential/external-executable.js") =>
  require("./commands/credential/external-executable.js");
const projects = (): typeof import("./commands/projects/project-policy.js") =>
  require("./commands/projects/project-policy.js");
const services = (): typeof import("./commands/services/service-commands.js") =>
  require("./commands/services/service-commands.js");
const exec = (): typeof import("./commands/session/exec.js") => require("./commands/session/exec.js");
const serve = (): typeof import("./commands/session/serve.js") => require("./commands/session/serve.js");
const proxy = (): typeof import("./commands/session/proxy.js") => require("./commands/session/proxy.js");
const login = (): typeof import("./commands/login.js") => require("./commands/login.js");
const emulator = (): typeof import("./commands/emulator-command.js") => require("./commands/emulator-command.js");
const completion = (): typeof import("./commands/completion/completion.js") =>
  require("./commands/completion/completion.js");

const auth: Group = {
  summary: "tokens, and who has them",
  entries: {
    "print-access-token": { summary: "an access token of a service account", load: () => token().printAccessToken },
    "print-identity-token": { summary: "an ID token of a service account", load: () => idToken().printIdentityToken },
    "print-headers": {
      summary: "the headers that authorize a request, for curl -H @-",
      load: () => headers().printHeaders,
    },
    whoami: { summary: "who the source credentials are, and where they are from", load: () => whoami().whoami },
    decode: { summary: "what a token says", load: () => decode().decode },
    "configure-docker": { summary: "has docker ask for tokens here", load: () => configure().configureDocker },
    "configure-kubectl": { summary: "has kubectl ask for tokens here", load: () => configure().configureKubectl },
    "configure-git": { summary: "has git ask for tokens here", load: () => configure().configureGit },
    "configure-npm": { summary: "writes tokens into an .npmrc", load: () => configure().configureNpm },
    "revoke-cache": { summary: "deletes all tokens that are kept in files", load: () => configure().revokeCache },
    "application-default": {
      summary: "the login of application default credentials, which is gcloud's",
      entries: {
        login: { summary: "is gcloud's: gcloud auth application-default login", load: () => login().defaultLogin },
      },
    },
  },
};

const keysOfAccounts: Group = {
  summary: "keys of service accounts",
  entries: {
    list: { summary: "the keys of an account", load: () => keys().listKeys },
    create: { summary: "makes a key, its private half in a file", load: () => keyChanges().createKey },
    upload: { summary: "makes a key of a certificate of your own", load: () => keyChanges().uploadKey },
    delete: { summary: "deletes a key", load: () => keyChanges().deleteKey },
    enable: { summary: "switches a key on", load: () => keyChanges().enableKey },
    disable: { summary: "switches a key off", load: () => keyChanges().disableKey },
    "get-public-key": { summary: "the public half of a key", load: () => keys().getPublicKey },
    report: { summary: "how many keys an account has, and which could go", load: () => keys().reportKeys },
  },
};

const serviceAccounts: Group = {
  summary: "service accounts, their policies, and what they sign",
  entries: {
    list: { summary: "the accounts of a project", load: () => accounts().listAccounts },
    describe: { summary: "an account", load: () => accounts().describeAccount },
    create: { summary: "makes an account", load: () => accounts().createAccount },
    update: { summary: "writes an account's names", load: () => accounts().updateAccount },
    delete: { summary: "deletes an account", load: () => lifecycle().deleteAccount },
    undelete: { summary: "brings an account back", load: () => lifecycle().undeleteAccount },
    enable: { summary: "switches an account on", load: () => lifecycle().enableAccount },
    disable: { summary: "switches an account off", load: () => lifecycle().disableAccount },
    "sign-jwt": { summary: "signs claims", load: () => signing().signJwt },
    "sign-blob": { summary: "signs bytes", load: () => signing().signBlob },
    "sign-url": { summary: "makes signed URLs of Cloud Storage", load: () => signUrl().signUrl },
    "get-iam-policy": { summary: "who may do what with an account", load: () => policies().accountPolicy.get },
    "set-iam-policy": { summary: "writes the whole policy of an account", load: () => policies().accountPolicy.set },
    "add-iam-policy-binding": {
      summary: "gives a member a role on an account",
      load: () => policies().accountPolicy.add,
    },
    "remove-iam-policy-binding": { summary: "takes a role from a member", load: () => policies().accountPolicy.remove },
    keys: keysOfAccounts,
  },
};

const iam: Group = {
  summary: "service accounts, keys, roles, and chains of impersonation",
  entries: {
    "service-accounts": serviceAccounts,
    roles: {
      summary: "predefined and custom roles",
      entries: {
        list: { summary: "the predefined roles, or the custom roles of a project", load: () => roles().listRoles },
        describe: { summary: "a role with its permissions", load: () => roles().describeRole },
        create: { summary: "makes a custom role", load: () => roles().createRole },
        update: { summary: "writes fields of a custom role", load: () => roles().updateRole },
        delete: { summary: "deletes a custom role", load: () => roles().deleteRole },
        undelete: { summary: "brings a custom role back", load: () => roles().undeleteRole },
      },
    },
    "grant-token-creator": { summary: "grants what acting as an account takes", load: () => chain().grantTokenCreator },
    "check-chain": { summary: "looks whether a caller can act as an account", load: () => chain().checkChain },
  },
};

const credential: Group = {
  summary: "what other programs call for tokens",
  entries: {
    kubectl: { summary: "for kubectl", load: () => kubectl().kubectl },
    docker: { summary: "for docker", load: () => docker().docker },
    git: { summary: "for git", load: () => git().git },
    "external-executable": { summary: "for Google's libraries", load: () => executable().externalExecutable },
  },
};

const entries: Group["entries"] = {
  auth,
  iam,
  diagnose: {
    summary: "why acting as an account fails, and the command that mends it",
    load: () => diagnosis().diagnoseCommand,
  },
  exec: { summary: "runs a program as a service account", load: () => exec().exec },
  serve: { summary: "a metadata server of service accounts", load: () => serve().serveCommand },
  proxy: { summary: "adds tokens to requests of a service", load: () => proxy().proxyCommand },
  projects: {
    summary: "policies of projects",
    entries: {
      "get-iam-policy": { summary: "who may do what with a project", load: () => projects().projectPolicy.get },
      "set-iam-policy": { summary: "writes the whole policy of a project", load: () => projects().projectPolicy.set },
      "add-iam-policy-binding": { summary: "gives a member a role", load: () => projects().projectPolicy.add },
      "remove-iam-policy-binding": {
        summary: "takes a role from a member",
        load: () => projects().projectPolicy.remove,
      },
    },
  },
  services: {
    summary: "APIs of projects",
    entries: {
      enable: { summary: "switches APIs on", load: () => services().enableServices },
      disable: { summary: "switches APIs off", load: () => services().disableServices },
      list: { summary: "the APIs that are on", load: () => services().listServices },
    },
  },
  credential,
  init: { summary: "is gcloud's: gcloud init", load: () => login().init },
  emulator: {
    summary: "runs an emulator of the IAM credentials API and what belongs to it",
    load: () => emulator().emulatorCommand,
  },
  completion: { summary: "prints a completion script for a shell", load: () => completion().completionCommand(tree) },
};

/** The table of commands. */
export const tree: Tree = {
  entries,
  aliases: {
    token: ["auth", "print-access-token"],
    "id-token": ["auth", "print-identity-token"],
    headers: ["auth", "print-headers"],
    whoami: ["auth", "whoami"],
    "sign-jwt": ["iam", "service-accounts", "sign-jwt"],
    "sign-blob": ["iam", "service-accounts", "sign-blob"],
    "sign-url": ["iam", "service-accounts", "sign-url"],
    grant: ["iam", "grant-token-creator"],
    check: ["iam", "check-chain"],
  },
  commonFlags: () => commonFlags,
};
