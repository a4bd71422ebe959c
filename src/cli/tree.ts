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
  summary: "Print and inspect tokens, and set up other tools to use them",
  entries: {
    "print-access-token": {
      summary: "Print an access token for a service account",
      load: () => token().printAccessToken,
    },
    "print-identity-token": {
      summary: "Print an ID token for a service account",
      load: () => idToken().printIdentityToken,
    },
    "print-headers": {
      summary: "Print the headers that authorize a request, for curl -H @-",
      load: () => headers().printHeaders,
    },
    whoami: { summary: "Show the identity behind the source credentials", load: () => whoami().whoami },
    decode: { summary: "Show the contents of a token", load: () => decode().decode },
    "configure-docker": {
      summary: "Make docker get its tokens from iamcreds",
      load: () => configure().configureDocker,
    },
    "configure-kubectl": {
      summary: "Make kubectl get its tokens from iamcreds",
      load: () => configure().configureKubectl,
    },
    "configure-git": { summary: "Make git get its tokens from iamcreds", load: () => configure().configureGit },
    "configure-npm": { summary: "Write tokens to an .npmrc", load: () => configure().configureNpm },
    "revoke-cache": { summary: "Delete all tokens cached in files", load: () => configure().revokeCache },
    "application-default": {
      summary: "Log in for application default credentials (use gcloud)",
      entries: {
        login: { summary: "Not provided: use gcloud auth application-default login", load: () => login().defaultLogin },
      },
    },
  },
};

const keysOfAccounts: Group = {
  summary: "Manage keys of service accounts",
  entries: {
    list: { summary: "List the keys of an account", load: () => keys().listKeys },
    create: { summary: "Create a key and write the private key to a file", load: () => keyChanges().createKey },
    upload: { summary: "Upload the public key of a key pair of your own", load: () => keyChanges().uploadKey },
    delete: { summary: "Delete a key", load: () => keyChanges().deleteKey },
    enable: { summary: "Enable a key", load: () => keyChanges().enableKey },
    disable: { summary: "Disable a key", load: () => keyChanges().disableKey },
    "get-public-key": { summary: "Print or save a public key", load: () => keys().getPublicKey },
    report: {
      summary: "Report how many keys an account has, and the oldest unused one",
      load: () => keys().reportKeys,
    },
  },
};

const serviceAccounts: Group = {
  summary: "Manage service accounts and their policies, and sign with their keys",
  entries: {
    list: { summary: "List the accounts of a project", load: () => accounts().listAccounts },
    describe: { summary: "Describe an account", load: () => accounts().describeAccount },
    create: { summary: "Create an account", load: () => accounts().createAccount },
    update: { summary: "Update an account's display name or description", load: () => accounts().updateAccount },
    delete: { summary: "Delete an account", load: () => lifecycle().deleteAccount },
    undelete: { summary: "Restore a deleted account", load: () => lifecycle().undeleteAccount },
    enable: { summary: "Enable an account", load: () => lifecycle().enableAccount },
    disable: { summary: "Disable an account", load: () => lifecycle().disableAccount },
    "sign-jwt": { summary: "Sign a JWT", load: () => signing().signJwt },
    "sign-blob": { summary: "Sign bytes", load: () => signing().signBlob },
    "sign-url": { summary: "Create signed URLs for Cloud Storage", load: () => signUrl().signUrl },
    "get-iam-policy": { summary: "Print the policy of an account", load: () => policies().accountPolicy.get },
    "set-iam-policy": { summary: "Replace the policy of an account", load: () => policies().accountPolicy.set },
    "add-iam-policy-binding": {
      summary: "Grant a member a role on an account",
      load: () => policies().accountPolicy.add,
    },
    "remove-iam-policy-binding": {
      summary: "Revoke a member's role on an account",
      load: () => policies().accountPolicy.remove,
    },
    keys: keysOfAccounts,
  },
};

const iam: Group = {
  summary: "Manage service accounts, keys, roles and impersonation chains",
  entries: {
    "service-accounts": serviceAccounts,
    roles: {
      summary: "Look up predefined roles and manage custom ones",
      entries: {
        list: { summary: "List the predefined roles, or the custom roles of a project", load: () => roles().listRoles },
        describe: { summary: "Describe a role and its permissions", load: () => roles().describeRole },
        create: { summary: "Create a custom role", load: () => roles().createRole },
        update: { summary: "Update fields of a custom role", load: () => roles().updateRole },
        delete: { summary: "Delete a custom role", load: () => roles().deleteRole },
        undelete: { summary: "Restore a deleted custom role", load: () => roles().undeleteRole },
      },
    },
    "grant-token-creator": {
      summary: "Grant a caller what it needs to act as an account",
      load: () => chain().grantTokenCreator,
    },
    "check-chain": { summary: "Check whether a caller can act as an account", load: () => chain().checkChain },
  },
};

const credential: Group = {
  summary: "Act as a credential helper for other programs",
  entries: {
    kubectl: { summary: "Credential plugin for kubectl", load: () => kubectl().kubectl },
    docker: { summary: "Credential helper for docker", load: () => docker().docker },
    git: { summary: "Credential helper for git", load: () => git().git },
    "external-executable": {
      summary: "Executable-sourced credentials for Google's auth libraries",
      load: () => executable().externalExecutable,
    },
  },
};

const entries: Group["entries"] = {
  auth,
  iam,
  diagnose: {
    summary: "Find out why acting as an account fails, and how to fix it",
    load: () => diagnosis().diagnoseCommand,
  },
  exec: { summary: "Run a program as a service account", load: () => exec().exec },
  serve: { summary: "Run a metadata server for service accounts", load: () => serve().serveCommand },
  proxy: { summary: "Run a proxy that adds tokens to requests", load: () => proxy().proxyCommand },
  projects: {
    summary: "Manage the policies of projects",
    entries: {
      "get-iam-policy": { summary: "Print the policy of a project", load: () => projects().projectPolicy.get },
      "set-iam-policy": { summary: "Replace the policy of a project", load: () => projects().projectPolicy.set },
      "add-iam-policy-binding": {
        summary: "Grant a member a role on a project",
        load: () => projects().projectPolicy.add,
      },
      "remove-iam-policy-binding": {
        summary: "Revoke a member's role on a project",
        load: () => projects().projectPolicy.remove,
      },
    },
  },
  services: {
    summary: "Manage the APIs of projects",
    entries: {
      enable: { summary: "Enable APIs", load: () => services().enableServices },
      disable: { summary: "Disable APIs", load: () => services().disableServices },
      list: { summary: "List the enabled APIs", load: () => services().listServices },
    },
  },
  credential,
  init: { summary: "Not provided: use gcloud init", load: () => login().init },
  emulator: {
    summary: "Run a local emulator of the IAM credentials API and related services",
    load: () => emulator().emulatorCommand,
  },
  completion: { summary: "Print a completion script for a shell", load: () => completion().completionCommand(tree) },
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
