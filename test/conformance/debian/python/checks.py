# SPDX-License-Identifier: Apache-2.0
# Runs checks one after the other and reports them in the Test Anything Protocol; what the checks of both programs need of the
# stage. Knows no client.

import os
import sys
import time
import traceback

STAGE = os.environ["STAGE"]
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
_checks = []


def account(identifier):
    return identifier + "@demo-project.iam.gserviceaccount.com"


CALLER, TARGET, FIRST, SECOND, FAR, LOCKED = map(account, ("caller", "target", "first", "second", "far", "locked"))


def name_of(email):
    return "projects/-/serviceAccounts/" + email


def read_stage(name, mode="rb"):
    """The content of a file of the stage."""
    with open(os.path.join(STAGE, name), mode) as file:
        return file.read()


def check(title):
    """Makes a function a check."""

    def register(body):
        _checks.append((title, body))
        return body

    return register


def expect(holds, what):
    """Fails the check unless something holds."""
    if not holds:
        raise AssertionError(str(what))


def rejection_of(kind, call):
    """The error of a kind that a call raises."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError("nothing was raised")


def wait_for(look):
    """What a function returns once it is not empty; it is asked for twenty seconds."""
    until = time.monotonic() + 20
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def run_all():
    failed = 0
    for number, (title, body) in enumerate(_checks, 1):
        try:
            body()
            print(f"ok {number} - {title}", flush=True)
        except Exception:  # whatever it is, the next check is another
            failed += 1
            print(f"not ok {number} - {title}", flush=True)
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)
    print(f"1..{len(_checks)}", flush=True)
    sys.exit(1 if failed else 0)


class Control:
    """The endpoints of an emulator itself."""

    def __init__(self, session, url):
        self._session = session
        self._root = url + "/emulator/v1/"

    def add_fault(self, **fault):
        response = self._session.post(self._root + "faults", json=fault, timeout=20)
        expect(response.status_code == 200, response.text)

    def clear_faults(self):
        self._session.delete(self._root + "faults", timeout=20)

    def calls(self, method):
        """The calls of a method that the log has."""
        log = self._session.get(self._root + "calls", timeout=20).json()["calls"]
        return [call for call in log if call["method"] == method]

    def last_call(self, method):
        return self.calls(method)[-1]
