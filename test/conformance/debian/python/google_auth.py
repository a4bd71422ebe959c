# SPDX-License-Identifier: Apache-2.0
# google-auth for Python, Debian's version of it, against the emulator: service accounts' keys, users, the metadata server,
# signing through IAM. It has no impersonated credentials and no external accounts yet.

import base64
import json
import os

STAGE = os.environ["STAGE"]
# Read when the library is loaded: this program is on a machine of Google's.
os.environ["GCE_METADATA_ROOT"] = os.environ["GCE_METADATA_IP"] = os.environ["METADATA"]

import google.auth
import google.auth.exceptions
import google.auth.iam
import google.auth.jwt
import google.auth.transport.grpc
import google.auth.transport.requests
import google.auth.transport.urllib3
import google.oauth2.credentials
import google.oauth2.id_token
import google.oauth2.service_account
import requests
import urllib3
from checks import CALLER, CLOUD_PLATFORM, LOCKED, TARGET, Control, check, expect, name_of, read_stage, rejection_of, run_all
from google.auth import compute_engine
from google.iam.credentials.v1 import common_pb2

AUDIENCE = "https://run.example"
DRIVE = "https://www.googleapis.com/auth/drive"
CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
SIGN_BLOB = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{}:signBlob"
KEY = os.path.join(STAGE, "service-account.json")
session = requests.Session()
request = google.auth.transport.requests.Request(session)
control = Control(session, "https://" + os.environ["SECURE"])


def by_key(**options):
    return google.oauth2.service_account.Credentials.from_service_account_file(KEY, **options)


def sign_as(credentials):
    """Signs through the API as the credentials' principal. Returns whom the emulator took that for."""
    authorized = google.auth.transport.requests.AuthorizedSession(credentials)
    body = {"payload": base64.b64encode(b"to be signed").decode()}
    response = authorized.post(SIGN_BLOB.format(TARGET), json=body, timeout=20)
    expect(response.status_code == 200, response.text)
    signed = response.json()
    verify(TARGET, b"to be signed", base64.b64decode(signed["signedBlob"]), signed["keyId"])
    return control.last_call("SignBlob")["principal"]


def certificates_of(email):
    url = "https://www.googleapis.com/service_accounts/v1/metadata/x509/" + email
    return session.get(url, timeout=20).json()


def verify(email, message, signature, key_id=None):
    certificates = certificates_of(email)
    candidates = list(certificates.values()) if key_id is None else [certificates[key_id]]
    expect(google.auth.crypt.verify_signature(message, signature, candidates), "the signature is not good")


def verified(token):
    return google.oauth2.id_token.verify_oauth2_token(token, request, AUDIENCE)


@check("service_account.Credentials gets a token by a JWT bearer grant, and the session calls with it")
def service_account():
    credentials = by_key(scopes=[CLOUD_PLATFORM])
    expect(sign_as(credentials) == "serviceAccount:" + CALLER, "another principal")
    expect(credentials.valid and not credentials.expired, "not valid")
    info = session.get("https://oauth2.googleapis.com/tokeninfo", params={"access_token": credentials.token}).json()
    expect(info["scope"] == CLOUD_PLATFORM and int(info["expires_in"]) > 3000, info)


@check("service_account.Credentials with a subject gets a user's token, for the scopes that are delegated only")
def with_subject():
    credentials = by_key(scopes=[DRIVE]).with_subject("dana@example.com")
    credentials.refresh(request)
    info = session.get("https://oauth2.googleapis.com/tokeninfo", params={"access_token": credentials.token}).json()
    expect(info["scope"] == DRIVE, info)
    greedy = by_key(scopes=[CLOUD_PLATFORM]).with_subject("dana@example.com")
    error = rejection_of(google.auth.exceptions.RefreshError, lambda: greedy.refresh(request))
    expect("unauthorized_client" in str(error), error)


@check("service_account.IDTokenCredentials gets an ID token that id_token.verify_oauth2_token accepts")
def service_account_id_token():
    build = google.oauth2.service_account.IDTokenCredentials.from_service_account_file
    credentials = build(KEY, target_audience=AUDIENCE)
    credentials.refresh(request)
    claims = verified(credentials.token)
    expect(claims["email"] == CALLER and claims["iss"] == "https://accounts.google.com", claims)
    verify_token = lambda: google.oauth2.id_token.verify_oauth2_token(credentials.token, request, "https://other.example")
    expect("audience" in str(rejection_of(ValueError, verify_token)), "another message")


@check("an assertion in the name of an account whose key it is not is invalid_grant")
def forged():
    info = json.loads(read_stage("service-account.json"))
    info["client_email"] = TARGET
    stranger = google.oauth2.service_account.Credentials.from_service_account_info(info, scopes=[CLOUD_PLATFORM])
    error = rejection_of(google.auth.exceptions.RefreshError, lambda: stranger.refresh(request))
    expect("invalid_grant: Invalid JWT Signature." in str(error), error)


@check("jwt.Credentials make a bearer of their own that REST takes")
def self_signed():
    credentials = google.auth.jwt.Credentials.from_service_account_file(KEY, audience="https://iamcredentials.googleapis.com/")
    expect(sign_as(credentials) == "serviceAccount:" + CALLER, "another principal")


def sign_by_grpc(credentials):
    channel = google.auth.transport.grpc.secure_authorized_channel(credentials, request, "iamcredentials.googleapis.com:443")
    with channel:
        serialize, parse = common_pb2.SignBlobRequest.SerializeToString, common_pb2.SignBlobResponse.FromString
        call = channel.unary_unary("/google.iam.credentials.v1.IAMCredentials/SignBlob", serialize, parse)
        response = call(common_pb2.SignBlobRequest(name=name_of(TARGET), payload=b"by gRPC"), timeout=30)
    verify(TARGET, b"by gRPC", response.signed_blob, response.key_id)
    return control.last_call("SignBlob")["principal"]


@check("secure_authorized_channel calls over gRPC with a token")
def grpc_with_token():
    expect(sign_by_grpc(by_key(scopes=[CLOUD_PLATFORM])) == "serviceAccount:" + CALLER, "another principal")


@check("secure_authorized_channel calls over gRPC with a JWT for the interface, from jwt.OnDemandCredentials")
def grpc_with_jwt():
    credentials = google.auth.jwt.OnDemandCredentials.from_service_account_file(KEY)
    expect(sign_by_grpc(credentials) == "serviceAccount:" + CALLER, "another principal")


@check("compute_engine.Credentials get a token from the metadata server, and account and scopes")
def machine():
    credentials = compute_engine.Credentials()
    expect(sign_as(credentials) == "serviceAccount:" + CALLER, "another principal")
    expect(credentials.service_account_email == CALLER and CLOUD_PLATFORM in credentials.scopes, credentials.scopes)
    missing = compute_engine.Credentials("nobody@demo-project.iam.gserviceaccount.com")
    rejection_of(google.auth.exceptions.RefreshError, lambda: missing.refresh(request))


@check("compute_engine.IDTokenCredentials sign their assertion by IAM's signBlob and get an ID token")
def machine_id_token():
    credentials = compute_engine.IDTokenCredentials(request, AUDIENCE)
    credentials.refresh(request)
    expect(verified(credentials.token)["email"] == CALLER, "another account")


@check("google.auth.default finds the metadata server, and the project")
def default_of_machine():
    credentials, project = google.auth.default()
    expect(isinstance(credentials, compute_engine.Credentials) and project == "demo-project", (credentials, project))


def default_by(file):
    os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = os.path.join(STAGE, file)
    try:
        return google.auth.default(scopes=[CLOUD_PLATFORM])
    finally:
        del os.environ["GOOGLE_APPLICATION_CREDENTIALS"]


@check("google.auth.default reads the emulator's service_account file")
def default_by_key():
    credentials, project = default_by("service-account.json")
    expect(project == "demo-project" and sign_as(credentials) == "serviceAccount:" + CALLER, project)


@check("google.auth.default reads the emulator's authorized_user file, and asks Google's token endpoint")
def default_by_user():
    credentials, _ = default_by("user.json")
    expect(sign_as(credentials) == "user:alice@example.com", "another principal")
    claims = google.oauth2.id_token.verify_oauth2_token(credentials.id_token, request)
    expect(claims["email"] == "alice@example.com", claims)


@check("a refresh token that was revoked is invalid_grant")
def revoked():
    credentials, _ = default_by("user.json")
    credentials.refresh(request)
    form = {"token": credentials.refresh_token}
    expect(session.post("https://oauth2.googleapis.com/revoke", data=form, timeout=20).status_code == 200, "not revoked")
    error = rejection_of(google.auth.exceptions.RefreshError, lambda: credentials.refresh(request))
    expect("invalid_grant: Token has been expired or revoked." in str(error), error)


@check("iam.Signer signs as another account by the old signBlob, and is told when it may not")
def signer():
    credentials = by_key(scopes=[CLOUD_PLATFORM])
    signature = google.auth.iam.Signer(request, credentials, TARGET).sign(b"message")
    verify(TARGET, b"message", signature)
    refused = google.auth.iam.Signer(request, credentials, LOCKED)
    error = rejection_of(google.auth.exceptions.TransportError, lambda: refused.sign(b"message"))
    expect("PERMISSION_DENIED" in str(error), error)


@check("the transport of urllib3 refreshes as well")
def by_urllib3():
    pool = urllib3.ProxyManager(os.environ["HTTPS_PROXY"], ca_certs=os.path.join(STAGE, "ca.pem"))
    credentials = by_key(scopes=[CLOUD_PLATFORM])
    credentials.refresh(google.auth.transport.urllib3.Request(pool))
    expect(credentials.valid, "not valid")


run_all()
