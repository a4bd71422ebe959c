// SPDX-License-Identifier: Apache-2.0
// What a caller may write, and how the error for the rest names the field.

import {
  normalizeAccount,
  normalizeAudience,
  normalizeBytes,
  normalizeClaims,
  normalizeFlag,
  normalizeLifetime,
  normalizeScope,
} from "../../../src/iam-credentials/requests.js";
import { RequestError } from "../../../src/index.js";

const ROBOT = "robot@demo-project.iam.gserviceaccount.com";
const FORMS = "projects/-/serviceAccounts/{email or unique id}, an e-mail address or a unique id";

/** The error that something must throw. */
function errorOf(run: () => unknown): RequestError {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error("it was taken");
}
const fieldAndMessage = ({ field, message }: RequestError) => ({ field, message });

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
    expect(normalizeAccount({ name: text, delegates: [text, text] }, [])).toEqual({
      name: path,
      delegates: [path, path],
    });
  });

  test("needs no delegates", () => {
    expect(normalizeAccount({ name: ROBOT }, []).delegates).toEqual([]);
    expect(normalizeAccount({ name: ROBOT, delegates: undefined }, []).delegates).toEqual([]);
  });

  test.each<[unknown, string]>([
    [undefined, `is missing; give ${FORMS}`],
    ["", `is missing; give ${FORMS}`],
    [null, `is missing; give ${FORMS}`],
    [42, `is missing; give ${FORMS}`],
    ["robot", `"robot" must be ${FORMS}`],
    ["robot@localhost", `"robot@localhost" must be ${FORMS}`],
    [`${ROBOT}\n`, `"${ROBOT}\\n" must be ${FORMS}`],
    [` ${ROBOT}`, `" ${ROBOT}" must be ${FORMS}`],
    [
      `serviceAccount:${ROBOT}`,
      `"serviceAccount:${ROBOT}" must be ${FORMS} (a name has no prefix such as serviceAccount:)`,
    ],
    ["projects/-/serviceAccounts/", `"projects/-/serviceAccounts/" must be ${FORMS}`],
    [`projects/-/serviceAccounts/${ROBOT}/keys/1`, `"projects/-/serviceAccounts/${ROBOT}/keys/1" must be ${FORMS}`],
    [`/projects/-/serviceAccounts/${ROBOT}`, `"/projects/-/serviceAccounts/${ROBOT}" must be ${FORMS}`],
    [`Projects/-/ServiceAccounts/${ROBOT}`, `"Projects/-/ServiceAccounts/${ROBOT}" must be ${FORMS}`],
    [
      `projects/demo-project/serviceAccounts/${ROBOT}`,
      'has the project "demo-project"; the service takes "-" in its place and nothing else',
    ],
    [`projects//serviceAccounts/${ROBOT}`, 'has the project ""; the service takes "-" in its place and nothing else'],
  ])("written %j is refused by field, as name and as delegate", (text, problem) => {
    const wrong = text as string; // as: wrong on purpose
    expect(fieldAndMessage(errorOf(() => normalizeAccount({ name: wrong }, [])))).toEqual({
      field: "name",
      message: `name: ${problem}`,
    });
    expect(fieldAndMessage(errorOf(() => normalizeAccount({ name: ROBOT, delegates: [ROBOT, wrong] }, [])))).toEqual({
      field: "delegates[1]",
      message: `delegates[1]: ${problem}`,
    });
  });

  test.each([ROBOT, null, {}, 7])("needs delegates to be a list, not %p", (delegates) => {
    const error = errorOf(() => normalizeAccount({ name: ROBOT, delegates: delegates as never }, [])); // as: wrong on purpose
    expect(error.message).toBe("delegates: must be a list of service accounts");
  });
});

describe("a request", () => {
  test.each([undefined, null, ROBOT, 7])("that is %p is refused, with the fields that there are", (request) => {
    const error = errorOf(() => normalizeAccount(request as never, ["scope", "lifetime"])); // as: wrong on purpose
    expect(error.message).toBe("request: must be an object with name, delegates, scope, lifetime");
  });

  test.each(["scopes", "Name", "toString"])("with a field %s is refused by that field", (field) => {
    const error = errorOf(() => normalizeAccount({ name: ROBOT, [field]: 1 }, ["scope", "lifetime"]));
    expect(fieldAndMessage(error)).toEqual({
      field,
      message: `${field}: no such field; there are name, delegates, scope, lifetime`,
    });
  });
});

describe("scope", () => {
  const taken = [
    "https://www.googleapis.com/auth/cloud-platform",
    "https://mail.google.com/",
    "https://google.com/x",
    "HTTPS://WWW.GOOGLEAPIS.COM/auth/iam",
    "openid",
    "email",
    "http://example.com/legacy",
  ];
  test("takes Google's URLs and short names, and keeps them as they are", () => {
    expect(normalizeScope(taken)).toEqual(taken);
  });

  test.each([undefined, null, [], "openid", {}])("needs a list of at least one, not %p", (scope) => {
    expect(fieldAndMessage(errorOf(() => normalizeScope(scope)))).toEqual({
      field: "scope",
      message: "scope: must be a list of at least one OAuth scope",
    });
  });

  test.each(["", null, undefined, 7, ["openid"]])("needs text for each, not %p", (wrong) => {
    expect(errorOf(() => normalizeScope(["openid", wrong])).message).toBe("scope[1]: must be an OAuth scope");
  });

  test.each([
    "openid email",
    "openid,email",
    " openid",
    "openid\n",
    "open\tid",
    "open\u0000id",
    "open\u007fid",
    "a\u00a0b",
  ])("refuses a blank, comma or control character: %j", (wrong) => {
    expect(errorOf(() => normalizeScope(["email", wrong])).message).toBe(
      "scope[1]: has a blank, comma or control character; each scope is an element of its own",
    );
  });

  test.each([
    "https://my-service.example/",
    "https://googleapis.com.evil.example/auth",
    "https://evilgoogleapis.com/auth",
    "https://www.googleapis.com@evil.example/",
    "https://",
    "https:",
    "HTTPS://run.app/x",
  ])("refuses an https URL of somebody else's, and points to ID tokens: %s", (wrong) => {
    const error = errorOf(() => normalizeScope([wrong]));
    expect(error.field).toBe("scope[0]");
    expect(error.message).toBe(
      `scope[0]: ${JSON.stringify(wrong)} is not a scope of Google's, such as ` +
        "https://www.googleapis.com/auth/cloud-platform; for the URL of a service ask for an ID token",
    );
  });
});

describe("lifetime", () => {
  test.each([
    [3600, "3600", 0],
    [1.5, "1", 500_000_000],
    [0.000_000_001, "0", 1],
    [0.999_999_999_9, "1", 0],
    [43_200, "43200", 0],
    ["3600s", "3600", 0],
    ["1.5s", "1", 500_000_000],
    ["0.000000001s", "0", 1],
    ["43200.000s", "43200", 0],
    ["007s", "7", 0],
    [{ seconds: 900 }, "900", 0],
    [{ seconds: "900", nanos: 5 }, "900", 5],
    [{ nanos: 5 }, "0", 5],
    [{ seconds: 2, nanos: -500_000_000 }, "1", 500_000_000],
  ] as const)("written %j is taken", (lifetime, seconds, nanos) => {
    expect(normalizeLifetime(lifetime)).toEqual({ seconds, nanos });
  });

  test("that is not given is not sent", () => {
    expect(normalizeLifetime(undefined)).toBeUndefined();
  });

  test.each([
    [0, "0"],
    [-1, "-1"],
    [43_200.5, "43200.5"],
    [43_201, "43201"],
    ["0s", "0"],
    ["-5s", "-5"],
    ["43201s", "43201"],
    ["0.0000s", "0"],
    [{ seconds: 0 }, "0"],
    [{}, "0"],
    [{ seconds: -1, nanos: 5 }, "-0.999999995"],
    [{ seconds: 43_200, nanos: 1 }, "43200.000000001"],
  ] as const)("of %j is out of bounds", (lifetime, seconds) => {
    const error = errorOf(() => normalizeLifetime(lifetime));
    expect(error.field).toBe("lifetime");
    expect(error.message).toBe(`lifetime: must be above 0 and at most 43200 seconds, was ${seconds}`);
  });

  test.each([
    "3600",
    "s",
    "1h",
    "60 s",
    "1e3s",
    "+5s",
    ".5s",
    "5.s",
    "1.0000000001s",
    "5S",
    "",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    true,
    { seconds: 1.5 },
    { seconds: "x" },
    { seconds: null },
    { seconds: 1, nanos: 1.5 },
    { seconds: 1, nanos: 1e9 },
    { seconds: 1, nanos: "5" },
  ])("written %j is refused with the forms that there are", (lifetime) => {
    const error = errorOf(() => normalizeLifetime(lifetime as never)); // as: wrong on purpose
    expect(fieldAndMessage(error)).toEqual({
      field: "lifetime",
      message: 'lifetime: must be a number of seconds, text such as "3600s", or { seconds, nanos }',
    });
  });
});

describe("audience and includeEmail", () => {
  test("are taken as they are", () => {
    expect(normalizeAudience("https://my-service.example")).toBe("https://my-service.example");
    expect([true, false, undefined].map((flag) => normalizeFlag(flag, "includeEmail"))).toEqual([true, false, false]);
  });

  test.each([undefined, "", null, 7, ["a"]])("need an audience, not %p", (audience) => {
    expect(errorOf(() => normalizeAudience(audience)).message).toBe(
      "audience: is missing; give the one who will accept the token, often a URL",
    );
  });

  test.each(["true", 1, null])("need a boolean flag, not %p", (flag) => {
    expect(errorOf(() => normalizeFlag(flag, "includeEmail")).message).toBe("includeEmail: must be true or false");
  });
});

describe("the payload of signBlob", () => {
  test("is taken as bytes, and only those that the view shows", () => {
    const whole = new Uint8Array([1, 2, 3, 4]);
    expect(normalizeBytes(whole.subarray(1, 3), "payload")).toEqual(Buffer.from([2, 3]));
    expect(normalizeBytes(Buffer.alloc(0), "payload")).toEqual(Buffer.alloc(0));
  });

  test.each([undefined, null, "do-not-quote-me", [1, 2], new ArrayBuffer(2), new Uint16Array(2)])(
    "is refused as %p and not quoted",
    (payload) => {
      expect(errorOf(() => normalizeBytes(payload, "payload")).message).toBe(
        "payload: must be bytes (a Buffer or Uint8Array); for text: Buffer.from(text)",
      );
    },
  );
});

describe("the payload of signJwt", () => {
  test.each(['{"sub":"a"}', ' { "sub" : "a" }\n', "{}", '{"a":1,"a":2}'])(
    "is signed as it is when it is text: %j",
    (text) => {
      expect(normalizeClaims(text)).toBe(text);
    },
  );

  test("is written as JSON when it is an object", () => {
    expect(normalizeClaims({ sub: "a", exp: 5, gone: undefined })).toBe('{"sub":"a","exp":5}');
    expect(normalizeClaims(Object.assign(Object.create(null), { sub: "a" }))).toBe('{"sub":"a"}');
  });

  class Claims {
    readonly sub = "do-not-quote-me";
  }
  const cycle: Record<string, unknown> = { sub: "do-not-quote-me" };
  cycle["self"] = cycle;
  test.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["text that is no JSON", "do-not-quote-me"],
    ["cut-off JSON", '{"sub":"do-not-quote-me"'],
    ["a JSON list", '["do-not-quote-me"]'],
    ["JSON text", '"do-not-quote-me"'],
    ["JSON null", "null"],
    ["a number", 7],
    ["a list", ["do-not-quote-me"]],
    ["bytes", Buffer.from('{"sub":"do-not-quote-me"}')],
    ["a Map, whose claims JSON would lose", new Map([["sub", "do-not-quote-me"]])],
    ["a Date", new Date()],
    ["an object of a class", new Claims()],
    ["an object that JSON cannot write", { sub: 5n }],
    ["an object that holds itself", cycle],
    ["an object that writes itself as text", { toJSON: () => "do-not-quote-me" }],
    ["a function", () => ({ sub: "do-not-quote-me" })],
  ])("is refused as %s, without a word of it", (_name, payload) => {
    const error = errorOf(() => normalizeClaims(payload));
    expect(fieldAndMessage(error)).toEqual({
      field: "payload",
      message: "payload: must be a JSON object, as text or as a plain object",
    });
    expect(error).not.toHaveProperty("cause");
  });
});
