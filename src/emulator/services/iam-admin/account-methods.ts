// SPDX-License-Identifier: Apache-2.0
// Decides what the methods for service accounts of google.iam.admin.v1.IAM do to the state. Knows the messages, no wire.

import type {
  CreateServiceAccountRequest,
  DeleteServiceAccountRequest,
  DisableServiceAccountRequest,
  EnableServiceAccountRequest,
  GetServiceAccountRequest,
  ListServiceAccountsRequest,
  ListServiceAccountsResponse,
  PatchServiceAccountRequest,
  ServiceAccount as ServiceAccountMessage,
  UndeleteServiceAccountRequest,
  UndeleteServiceAccountResponse,
} from "../../../../generated/google/iam/admin/v1/iam.js";
import type { Empty } from "../../../../generated/google/protobuf/empty.js";
import type { ServiceAccount } from "../../world/accounts/account-book.js";
import { emailOf } from "../../world/names/project-ids.js";
import { deleteAccount, undeleteAccount } from "../../world/policy/account-deletion.js";
import { checkAllowed } from "../../world/policy/organization-policies.js";
import { isPermitted, isPermittedOnProject } from "../../world/policy/permissions.js";
import { invalidArgument, permissionDenied, ServiceError } from "../../world/refusals/service-error.js";
import { readMask } from "../method/field-mask.js";
import { cutPage } from "../method/list-page.js";
import type { ServiceMethod } from "../method/service-method.js";
import {
  accountTarget,
  isInProject,
  missingAccount,
  noTarget,
  requireAccount,
  requireAccountName,
  requireProject,
} from "./admin-access.js";

const ACCOUNT_ID = /^[a-z]([-a-z0-9]*[a-z0-9])$/;
const MAX_DISPLAY_NAME_BYTES = 100;
const MAX_DESCRIPTION_BYTES = 256;
const ETAG = Buffer.from("01021920"); // deprecated, the same for every account (memory)

function checkTexts(displayName: string, description: string): void {
  if (Buffer.byteLength(displayName) > MAX_DISPLAY_NAME_BYTES) throw invalidArgument();
  if (Buffer.byteLength(description) > MAX_DESCRIPTION_BYTES) throw invalidArgument();
}

function formatAccount(account: ServiceAccount): ServiceAccountMessage {
  const { email, uniqueId, projectId, displayName, description, disabled } = account;
  return {
    name: `projects/${projectId}/serviceAccounts/${email}`,
    projectId,
    uniqueId,
    email,
    displayName,
    etag: ETAG,
    description,
    oauth2ClientId: uniqueId,
    disabled,
  };
}

const listServiceAccounts: ServiceMethod<ListServiceAccountsRequest, ListServiceAccountsResponse> = {
  name: "ListServiceAccounts",
  target: noTarget,
  async run(world, principal, request) {
    const project = requireProject(world, principal, request.name, "iam.serviceAccounts.list");
    const accounts = [...world.accounts.all()].filter(({ projectId }) => projectId === project);
    const { items, nextPageToken } = cutPage(accounts, request, {
      list: `serviceAccounts of ${project}`,
      defaultSize: 20,
      maxSize: 100,
      keyOf: ({ email }) => email,
    });
    return { accounts: items.map(formatAccount), nextPageToken };
  },
};

const getServiceAccount: ServiceMethod<GetServiceAccountRequest, ServiceAccountMessage> = {
  name: "GetServiceAccount",
  target: accountTarget,
  async run(world, principal, { name }) {
    return formatAccount(requireAccount(world, principal, name, "iam.serviceAccounts.get"));
  },
};

function requireAccountId(accountId: string): string {
  if (accountId.length < 6 || accountId.length > 30) {
    // memory
    throw new ServiceError(
      "INVALID_ARGUMENT",
      `The account ID "${accountId}" does not have a length between 6 and 30.`,
    );
  }
  if (!ACCOUNT_ID.test(accountId)) throw invalidArgument();
  return accountId;
}

const createServiceAccount: ServiceMethod<CreateServiceAccountRequest, ServiceAccountMessage> = {
  name: "CreateServiceAccount",
  target: noTarget,
  async run(world, principal, request) {
    const project = requireProject(world, principal, request.name, "iam.serviceAccounts.create");
    checkAllowed(world.settings.organizationPolicies, "disableServiceAccountCreation", `projects/${project}`);
    const email = emailOf(requireAccountId(request.accountId), project);
    const { displayName = "", description = "" } = request.serviceAccount ?? {};
    checkTexts(displayName, description);
    if (world.accounts.find(email) !== undefined) {
      // memory, the text
      const message = `Service account ${request.accountId} already exists within project projects/${project}.`;
      throw new ServiceError("ALREADY_EXISTS", message);
    }
    const account = world.accounts.add(email);
    Object.assign(account, { displayName, description });
    return formatAccount(account);
  },
};

// Writes the display name even when it is empty: the predecessor of PatchServiceAccount.
const updateServiceAccount: ServiceMethod<ServiceAccountMessage, ServiceAccountMessage> = {
  name: "UpdateServiceAccount",
  target: accountTarget,
  async run(world, principal, { name, displayName }) {
    checkTexts(displayName, "");
    const account = requireAccount(world, principal, name, "iam.serviceAccounts.update");
    account.displayName = displayName;
    return formatAccount(account);
  },
};

const patchServiceAccount: ServiceMethod<PatchServiceAccountRequest, ServiceAccountMessage> = {
  name: "PatchServiceAccount",
  target: ({ serviceAccount }) => ({ name: serviceAccount?.name, delegates: [] }),
  async run(world, principal, { serviceAccount, updateMask }) {
    if (serviceAccount === undefined) throw invalidArgument();
    const { name, displayName, description } = serviceAccount;
    const fields = readMask(updateMask, { display_name: displayName !== "", description: description !== "" });
    checkTexts(displayName, description);
    const account = requireAccount(world, principal, name, "iam.serviceAccounts.update");
    if (fields.has("display_name")) account.displayName = displayName;
    if (fields.has("description")) account.description = description;
    return formatAccount(account);
  },
};

const deleteServiceAccount: ServiceMethod<DeleteServiceAccountRequest, Empty> = {
  name: "DeleteServiceAccount",
  target: accountTarget,
  async run(world, principal, { name }) {
    deleteAccount(world, requireAccount(world, principal, name, "iam.serviceAccounts.delete"));
    return {};
  },
};

const undeleteServiceAccount: ServiceMethod<UndeleteServiceAccountRequest, UndeleteServiceAccountResponse> = {
  name: "UndeleteServiceAccount",
  target: accountTarget,
  async run(world, principal, { name }) {
    const permission = "iam.serviceAccounts.undelete";
    const parsed = requireAccountName(name);
    const account = world.accounts.findDeleted(parsed.identifier);
    if (account === undefined || !isInProject(world, account, parsed.project)) {
      throw missingAccount(world, principal, parsed, permission);
    }
    const isAllowed =
      isPermitted(world, principal, permission, account) ||
      isPermittedOnProject(world, principal, permission, account.projectId);
    if (!isAllowed) throw permissionDenied(permission);
    if (world.accounts.find(account.email) !== undefined) {
      throw new ServiceError("ALREADY_EXISTS", `Service account ${account.email} already exists.`);
    }
    undeleteAccount(world, account);
    return { restoredAccount: formatAccount(account) };
  },
};

const enableServiceAccount: ServiceMethod<EnableServiceAccountRequest, Empty> = {
  name: "EnableServiceAccount",
  target: accountTarget,
  async run(world, principal, { name }) {
    requireAccount(world, principal, name, "iam.serviceAccounts.enable").disabled = false;
    return {};
  },
};

const disableServiceAccount: ServiceMethod<DisableServiceAccountRequest, Empty> = {
  name: "DisableServiceAccount",
  target: accountTarget,
  async run(world, principal, { name }) {
    requireAccount(world, principal, name, "iam.serviceAccounts.disable").disabled = true;
    return {};
  },
};

/** The methods for service accounts. */
export const accountMethods = {
  listServiceAccounts,
  getServiceAccount,
  createServiceAccount,
  updateServiceAccount,
  patchServiceAccount,
  deleteServiceAccount,
  undeleteServiceAccount,
  enableServiceAccount,
  disableServiceAccount,
} as const;
