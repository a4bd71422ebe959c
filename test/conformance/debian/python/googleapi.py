# SPDX-License-Identifier: Apache-2.0
# googleapiclient for Python, Debian's version of it: it builds its clients from the emulator's discovery documents, and sends batches.

import base64
import os

import googleapiclient.discovery
import googleapiclient.errors
import google.oauth2.credentials
from checks import TARGET, check, expect, name_of, rejection_of, run_all

URL = "http://" + os.environ["PLAIN"]
credentials = google.oauth2.credentials.Credentials(os.environ["PLAIN_TOKEN"])


def build(name, document):
    return googleapiclient.discovery.build(
        name, "v1", credentials=credentials, cache_discovery=False, discoveryServiceUrl=URL + document
    )


iamcredentials = build("iamcredentials", "/$discovery/rest?version={apiVersion}")
iam = build("iam", "/discovery/v1/apis/{api}/{apiVersion}/rest")
accounts = iam.projects().serviceAccounts()


@check("a client of the credentials API signs")
def _():
    body = {"payload": base64.b64encode(b"to be signed").decode()}
    signed = iamcredentials.projects().serviceAccounts().signBlob(name=name_of(TARGET), body=body).execute()
    expect(len(base64.b64decode(signed["signedBlob"])) == 256, signed)


@check("a client of the admin API lists page by page, and has names checked by their patterns")
def _():
    found = []
    request = accounts.list(name="projects/demo-project", pageSize=2)
    while request is not None:
        page = request.execute()
        found += [account["email"] for account in page["accounts"]]
        request = accounts.list_next(request, page)
    expect(TARGET in found and len(found) == 6, found)
    rejection_of(TypeError, lambda: accounts.get(name="accounts/x"))


@check("a batch has an answer for each request, refusals too")
def _():
    answers = {}
    batch = iam.new_batch_http_request(callback=lambda key, answer, error: answers.update({key: error or answer}))
    batch.add(accounts.get(name=name_of(TARGET)), request_id="account")
    batch.add(iam.roles().get(name="roles/none"), request_id="role")
    batch.add(accounts.keys().list(name=name_of(TARGET)), request_id="keys")
    batch.execute()
    expect(answers["account"]["email"] == TARGET, answers)
    expect(isinstance(answers["role"], googleapiclient.errors.HttpError) and answers["role"].resp.status == 404, answers)
    expect(len(answers["keys"]["keys"]) >= 1, answers)


run_all()
