// SPDX-License-Identifier: Apache-2.0
// The account and its delegates: what may be written, and how the error for the rest names the field.

import { normalizeAccount } from "../../../../src/iam-credentials/requests.js";
import { fieldAndMessage, requestErrorOf } from "../../../support/request-error-of.js";

const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const FORMS = "projects/-/serviceAccounts/{email or unique ID}, an e-mail address or a unique ID";
const FIELDS = ["name", "delegates"];

describe("a service account", () => {
  test.each([
    [ROBOT, ROBOT],
    [`projects/-/serviceAccounts/${ROBOT}`, ROBOT],
    ["107517467455664443765", "107517467455664443765"],
    ["projects/-/serviceAccounts/107517467455664443765", "107517467455664443765"],
    ["123456-compute@developer.gserviceaccount.com", "123456-compute@developer.gserviceaccount.com"],
    ["my-app@appspot.gserviceaccount.com", "my-app@appspot.gserviceaccount.com"],
    ["a@p.example.com.iam.gserviceaccount.com", "a@p.example.com.iam.gserviceaccount.com"],
  ])("written %s is taken, as name and as delegate", (text, account) => {
    const path = `projects/-/serviceAccounts/${account}`;
    expect(normalizeAccount({ name: text, delegates: [text, text] }, FIELDS)).toEqual({
      name: path,
      delegates: [path, path],
    });
  });

  test("needs no delegates", () => {
    expect(normalizeAccount({ name: ROBOT }, FIELDS).delegates).toEqual([]);
    expect(normalizeAccount({ name: ROBOT, delegates: undefined }, FIELDS).delegates).toEqual([]);
  });

  test.each<[unknown, string]>([
    [undefined, `is missing; must be ${FORMS}`],
    ["", `is missing; must be ${FORMS}`],
    [null, `is missing; must be ${FORMS}`],
    [42, `is missing; must be ${FORMS}`],
    ["robot", `must be ${FORMS}, not "robot"`],
    ["robot@localhost", `must be ${FORMS}, not "robot@localhost"`],
    [`${ROBOT}\n`, `must be ${FORMS}, not "${ROBOT}\\n"`],
    [` ${ROBOT}`, `must be ${FORMS}, not " ${ROBOT}"`],
    [
      `serviceAccount:${ROBOT}`,
      `must be ${FORMS}, not "serviceAccount:${ROBOT}" (a name has no prefix such as serviceAccount:)`,
    ],
    ["projects/-/serviceAccounts/", `must be ${FORMS}, not "projects/-/serviceAccounts/"`],
    [
      `projects/-/serviceAccounts/${ROBOT}/keys/1`,
      `must be ${FORMS}, not "projects/-/serviceAccounts/${ROBOT}/keys/1"`,
    ],
    [`/projects/-/serviceAccounts/${ROBOT}`, `must be ${FORMS}, not "/projects/-/serviceAccounts/${ROBOT}"`],
    [`Projects/-/ServiceAccounts/${ROBOT}`, `must be ${FORMS}, not "Projects/-/ServiceAccounts/${ROBOT}"`],
    [
      `projects/demo-project/serviceAccounts/${ROBOT}`,
      'must have the project "-", not "demo-project"; the service accepts nothing else',
    ],
    [`projects//serviceAccounts/${ROBOT}`, 'must have the project "-", not ""; the service accepts nothing else'],
  ])("written %j is refused by field, as name and as delegate", (text, problem) => {
    const wrong = text as string; // as: wrong on purpose
    expect(fieldAndMessage(requestErrorOf(() => normalizeAccount({ name: wrong }, FIELDS)))).toEqual({
      field: "name",
      message: `name: ${problem}`,
    });
    expect(
      fieldAndMessage(requestErrorOf(() => normalizeAccount({ name: ROBOT, delegates: [ROBOT, wrong] }, FIELDS))),
    ).toEqual({
      field: "delegates[1]",
      message: `delegates[1]: ${problem}`,
    });
  });

  test.each([ROBOT, null, {}, 7])("needs delegates to be a list, not %p", (delegates) => {
    const error = requestErrorOf(() => normalizeAccount({ name: ROBOT, delegates: delegates as never }, FIELDS)); // as: wrong on purpose
    expect(error.message).toBe("delegates: must be an array of service accounts");
  });
});

describe("a request", () => {
  test.each([undefined, null, ROBOT, 7])("that is %p is refused, with the fields that there are", (request) => {
    const error = requestErrorOf(() => normalizeAccount(request as never, ["name", "delegates", "scope", "lifetime"])); // as: wrong on purpose
    expect(error.message).toBe("request: must be an object with name, delegates, scope, lifetime");
  });

  test.each(["scopes", "Name", "toString"])("with a field %s is refused by that field", (field) => {
    const error = requestErrorOf(() =>
      normalizeAccount({ name: ROBOT, [field]: 1 }, ["name", "delegates", "scope", "lifetime"]),
    );
    expect(fieldAndMessage(error)).toEqual({
      field,
      message: `${field}: no such field; valid names are name, delegates, scope, lifetime`,
    });
  });
});
