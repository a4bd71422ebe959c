// SPDX-License-Identifier: Apache-2.0
// An environment in which the machine's own settings decide nothing: without the variables that Google's libraries read, and with a
// home folder that does not exist.

const FOREIGN = /^(GOOGLE_|CLOUDSDK_|GCE_|IAM_CREDENTIALS_|NO_GCE_CHECK$|METADATA_SERVER_DETECTION$)/;

/** Bares the environment and sets variables in it, until the returned function is called. */
export function setEnvironment(variables: Readonly<Record<string, string>> = {}): () => void {
  const before = { ...process.env };
  for (const name of Object.keys(before)) if (FOREIGN.test(name)) delete process.env[name];
  const nowhere = "/nowhere-that-exists";
  Object.assign(process.env, { HOME: nowhere, USERPROFILE: nowhere, ...variables });
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
}
