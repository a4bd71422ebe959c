// SPDX-License-Identifier: Apache-2.0
// What a grant holds while it grows, and what is taken back of it: in which order, what not, and what is left for a second try.

import { describe, expect, it } from "@jest/globals";
import { Grant, GrantError, type GrantedHop, isReasonOf } from "../../../../src/iam-admin/chain/token-creator-grant.js";
import { rejectionOf } from "../../../support/rejection-of.js";

const hop = (account: string, isAdded = true): GrantedHop => ({
  resource: `projects/-/serviceAccounts/${account}`,
  role: "roles/iam.serviceAccountTokenCreator",
  permission: "iam.serviceAccounts.getAccessToken",
  command: "gcloud …",
  member: "user:dana@example.com",
  isAdded,
});

/** A grant whose bindings are removed by a script, by resource. */
function openGrant(fail: (resource: string, times: number) => unknown = () => undefined, isChanged = true) {
  const asked: string[] = [];
  const grant = new Grant(async (resource) => {
    asked.push(resource.slice(resource.lastIndexOf("/") + 1));
    const failure = fail(asked.at(-1) ?? "", asked.length);
    if (failure !== undefined) throw failure;
    return { isChanged };
  });
  return { grant, asked };
}

describe("a grant", () => {
  it("holds what the service has confirmed, and to take back only what was added", async () => {
    const { grant, asked } = openGrant();
    expect(grant).toMatchObject({ hops: [], effect: "unconfirmed", why: "the call has not finished" });
    const hops = [hop("a"), hop("b", false), hop("c")];
    for (const each of hops) grant.add(each);
    expect(grant.hops).toEqual(hops);
    expect(await grant.takeBack()).toEqual([hops[2], hops[0]]);
    expect(asked).toEqual(["c", "a"]);
  });

  it("takes back what may have been added, though it is none of its hops", async () => {
    const { grant, asked } = openGrant();
    grant.addUnsure(hop("a"));
    expect(grant.hops).toEqual([]);
    await grant.takeBack();
    expect(asked).toEqual(["a"]);
  });

  it("takes nothing back twice", async () => {
    const { grant, asked } = openGrant();
    grant.add(hop("a"));
    await grant.takeBack();
    expect(await grant.takeBack()).toEqual([]);
    expect(asked).toEqual(["a"]);
  });

  it("does not tell as removed what somebody else has removed meanwhile", async () => {
    const { grant } = openGrant(undefined, false);
    grant.add(hop("a"));
    expect(await grant.takeBack()).toEqual([]);
  });

  it("tries all hops, throws the first failure, and keeps what is left for a second call", async () => {
    const [first, second] = [new Error("c"), new Error("b")];
    const failures = new Map<string, unknown>([
      ["c", first],
      ["b", second],
    ]);
    const { grant, asked } = openGrant((account, times) => (times <= 3 ? failures.get(account) : undefined));
    for (const account of ["a", "b", "c"]) grant.add(hop(account));
    expect(await rejectionOf(grant.takeBack())).toBe(first);
    expect(asked).toEqual(["c", "b", "a"]);
    expect((await grant.takeBack()).map(({ resource }) => resource.slice(-1))).toEqual(["c", "b"]);
  });

  it("stops at once with the reason of its signal", async () => {
    const stop = new AbortController();
    const { grant, asked } = openGrant(() => {
      stop.abort(new Error("enough"));
      return stop.signal.reason;
    });
    for (const account of ["a", "b"]) grant.add(hop(account));
    expect(await rejectionOf(grant.takeBack({ signal: stop.signal }))).toMatchObject({ message: "enough" });
    expect(asked).toEqual(["b"]);
  });

  it("makes the error that holds it, and says why it is not in effect", () => {
    const { grant } = openGrant();
    const cause = new Error("no");
    const error = grant.fail("the grant was not in effect in time", cause);
    expect(error).toBeInstanceOf(GrantError);
    expect(error).toMatchObject({
      name: "GrantError",
      message: "grantTokenCreator: the grant was not in effect in time",
      cause,
      grant,
    });
    expect(grant.why).toBe("the grant was not in effect in time");
  });
});

it("an error is the signal's reason when it is that very value and the signal has aborted", () => {
  const reason = new Error("enough");
  expect(isReasonOf(AbortSignal.abort(reason), reason)).toBe(true);
  expect(isReasonOf(AbortSignal.abort(reason), new Error("enough"))).toBe(false);
  expect(isReasonOf(new AbortController().signal, reason)).toBe(false);
  expect(isReasonOf(undefined, undefined)).toBe(false);
});
