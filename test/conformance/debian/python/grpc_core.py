# SPDX-License-Identifier: Apache-2.0
# gRPC's C core, through Python, against the emulator: stubs by hand over message classes that protoc makes of our protos.

import asyncio
import concurrent.futures
import os
import time

import grpc
import requests
from checks import (
    CLOUD_PLATFORM,
    FAR,
    FIRST,
    LOCKED,
    SECOND,
    TARGET,
    Control,
    check,
    expect,
    name_of,
    read_stage,
    rejection_of,
    run_all,
    wait_for,
)
from google.iam.credentials.v1 import common_pb2
from google.rpc import error_details_pb2, status_pb2

SERVICE = "/google.iam.credentials.v1.IAMCredentials/"
TIMEOUT = 30  # seconds: what a busy machine may take
control = Control(requests.Session(), "https://" + os.environ["SECURE"])
plain_control = Control(requests.Session(), "http://" + os.environ["PLAIN"])


class Stub:
    """The four methods, as a generated stub has them."""

    def __init__(self, channel):
        for method in ("GenerateAccessToken", "GenerateIdToken", "SignBlob", "SignJwt"):
            request = getattr(common_pb2, method + "Request")
            response = getattr(common_pb2, method + "Response")
            call = channel.unary_unary(SERVICE + method, request.SerializeToString, response.FromString)
            setattr(self, method, call)


def bearer(token):
    return (("authorization", "Bearer " + os.environ[token]),)


def sign_blob(payload=b"x", name=TARGET, delegates=()):
    return common_pb2.SignBlobRequest(name=name_of(name), delegates=map(name_of, delegates), payload=payload)


PLAIN = {"metadata": bearer("PLAIN_TOKEN"), "timeout": TIMEOUT}
SECURE = {"metadata": bearer("SECURE_TOKEN"), "timeout": TIMEOUT}
plain_channel = grpc.insecure_channel(os.environ["PLAIN"])
plain = Stub(plain_channel)
# Google's endpoint, by the machine's proxy; the authority is trusted by GRPC_DEFAULT_SSL_ROOTS_FILE_PATH.
secure = Stub(grpc.secure_channel("iamcredentials.googleapis.com:443", grpc.ssl_channel_credentials()))


def details_of(error):
    [trailer] = [value for key, value in error.trailing_metadata() if key == "grpc-status-details-bin"]
    status = status_pb2.Status.FromString(trailer)
    expect(status.code == error.code().value[0] and status.message == error.details(), status)
    return status.details


@check("all four methods answer in plain text")
def four_methods():
    name = name_of(TARGET)
    request = common_pb2.GenerateAccessTokenRequest(name=name, scope=[CLOUD_PLATFORM])
    request.lifetime.FromSeconds(60)
    minted = plain.GenerateAccessToken(request, **PLAIN)
    expect(minted.access_token.startswith("ya29.c.") and minted.expire_time.seconds > 0, "no token")
    identity = plain.GenerateIdToken(common_pb2.GenerateIdTokenRequest(name=name, audience="a"), **PLAIN)
    expect(identity.token.count(".") == 2, "no JWT")
    expect(len(plain.SignBlob(sign_blob(), **PLAIN).signed_blob) == 256, "no signature")
    signed = plain.SignJwt(common_pb2.SignJwtRequest(name=name, payload="{}"), **PLAIN)
    expect(signed.signed_jwt.count(".") == 2 and signed.key_id, signed.key_id)


@check("Google's endpoint answers over TLS, with the authority that the machine trusts")
def google_endpoint():
    response = secure.SignBlob(sign_blob(delegates=[FIRST, SECOND], name=FAR), **SECURE)
    expect(len(response.signed_blob) == 256, "no signature")
    call = control.last_call("SignBlob")
    expect(call["delegates"] == [FIRST, SECOND] and call["userAgent"].startswith("grpc-python/"), call)


@check("mutual TLS answers who shows a certificate, and nobody else")
def mutual_tls():
    def call(*pair):
        credentials = grpc.ssl_channel_credentials(read_stage("ca.pem"), *pair)
        with grpc.secure_channel(os.environ["MUTUAL"], credentials) as channel:
            return Stub(channel).SignBlob(sign_blob(), metadata=bearer("MUTUAL_TOKEN"), timeout=TIMEOUT)

    expect(len(call(read_stage("client.key"), read_stage("client.pem")).signed_blob) == 256, "no signature")
    expect(rejection_of(grpc.RpcError, call).code() == grpc.StatusCode.UNAVAILABLE, "another code")


@check("a server whose authority is not trusted is not spoken to")
def distrust():
    with grpc.secure_channel(os.environ["SECURE"], grpc.ssl_channel_credentials(read_stage("client.pem"))) as channel:
        error = rejection_of(grpc.RpcError, lambda: Stub(channel).SignBlob(sign_blob(), **SECURE))
    expect(error.code() == grpc.StatusCode.UNAVAILABLE, error.code())


@check("a refusal has code, text, and details of google.rpc")
def refusal():
    error = rejection_of(grpc.RpcError, lambda: plain.SignBlob(sign_blob(name=LOCKED), **PLAIN))
    expect(error.code() == grpc.StatusCode.PERMISSION_DENIED, error.code())
    expect(error.details().startswith("Permission 'iam.serviceAccounts.signBlob' denied on resource"), error.details())
    info = error_details_pb2.ErrorInfo()
    expect(any(each.Unpack(info) for each in details_of(error)), "no ErrorInfo")
    expect(info.reason == "IAM_PERMISSION_DENIED" and info.domain == "iam.googleapis.com", info)
    expect(info.metadata["permission"] == "iam.serviceAccounts.signBlob", info)


@check("without a token a call is UNAUTHENTICATED, and the reason is in the details")
def unauthenticated():
    error = rejection_of(grpc.RpcError, lambda: plain.SignBlob(sign_blob(), timeout=TIMEOUT))
    expect(error.code() == grpc.StatusCode.UNAUTHENTICATED, error.code())
    info = error_details_pb2.ErrorInfo()
    expect(any(each.Unpack(info) for each in details_of(error)) and info.reason == "CREDENTIALS_MISSING", info)


@check("a method that the service does not have is UNIMPLEMENTED")
def unknown_method():
    call = plain_channel.unary_unary(SERVICE + "NoSuchMethod")
    error = rejection_of(grpc.RpcError, lambda: call(b"", **PLAIN))
    expect(error.code() == grpc.StatusCode.UNIMPLEMENTED, error.code())


@check("bytes that are no message are refused, and the connection goes on")
def malformed():
    call = plain_channel.unary_unary(SERVICE + "SignBlob")
    error = rejection_of(grpc.RpcError, lambda: call(b"\xff" * 40, **PLAIN))
    expect(error.code() in (grpc.StatusCode.INTERNAL, grpc.StatusCode.INVALID_ARGUMENT), error.code())
    expect(plain.SignBlob(sign_blob(), **PLAIN).key_id, "no key id")


@check("a message over the limit is RESOURCE_EXHAUSTED, and the connection goes on")
def too_large():
    error = rejection_of(grpc.RpcError, lambda: plain.SignBlob(sign_blob(b"x" * 5_000_000), **PLAIN))
    expect(error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error.code())
    expect(plain.SignBlob(sign_blob(), **PLAIN).key_id, "no key id")


@check("a compressed request is read")
def compressed():
    for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
        response = plain.SignBlob(sign_blob(b"x" * 10_000), compression=compression, **PLAIN)
        expect(len(response.signed_blob) == 256, "no signature")


@check("a deadline ends the call on both sides")
def deadline():
    control.add_fault(method="SignBlob", delayMs=20_000, times=1)
    call = {"metadata": bearer("SECURE_TOKEN"), "timeout": 1}
    error = rejection_of(grpc.RpcError, lambda: secure.SignBlob(sign_blob(b"late"), **call))
    control.clear_faults()
    expect(error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error.code())
    # The emulator hears of it a little later.
    ended = wait_for(lambda: [each for each in control.calls("SignBlob") if 0 < each.get("timeoutMs", 0) < 2000])
    expect(len(ended) == 1 and ended[0]["status"] in ("DEADLINE_EXCEEDED", "CANCELLED"), ended)


@check("a call that is cancelled ends, and the connection goes on")
def cancelled():
    control.add_fault(method="SignBlob", delayMs=20_000, times=1)
    future = secure.SignBlob.future(sign_blob(b"given up"), **SECURE)
    future.cancel()
    control.clear_faults()
    expect(rejection_of(grpc.FutureCancelledError, future.result) is not None, "not cancelled")
    expect(secure.SignBlob(sign_blob(), **SECURE).key_id, "no key id")


@check("a service config of the caller's retries UNAVAILABLE")
def retried():
    policy = (
        '{"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":4,"initialBackoff":"0.01s","maxBackoff":"0.1s",'
        '"backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}}]}'
    )
    control.add_fault(method="SignJwt", times=2, status={"code": "UNAVAILABLE"})
    options = [("grpc.service_config", policy), ("grpc.enable_retries", 1)]
    credentials = grpc.ssl_channel_credentials()
    with grpc.secure_channel("iamcredentials.googleapis.com:443", credentials, options) as channel:
        request = common_pb2.SignJwtRequest(name=name_of(TARGET), payload='{"sub":"retried"}')
        expect(Stub(channel).SignJwt(request, **SECURE).key_id, "no key id")
    ends = [each["status"] for each in control.calls("SignJwt")]
    expect(ends == ["UNAVAILABLE", "UNAVAILABLE", "OK"], ends)


def broken(fault, codes):
    def body():
        control.add_fault(method="SignBlob", times=1, connection=fault)
        error = rejection_of(grpc.RpcError, lambda: secure.SignBlob(sign_blob(b"broken"), **SECURE))
        control.clear_faults()
        expect(error.code().name in codes, error.code())
        response = secure.SignBlob(sign_blob(b"after"), wait_for_ready=True, **SECURE)
        expect(len(response.signed_blob) == 256, "no signature")

    return body


# Garbage is no TLS record; the C core calls that UNKNOWN, whoever sends it.
for kind, codes in (("reset", ["UNAVAILABLE"]), ("half-close", ["UNAVAILABLE"]), ("garbage", ["UNAVAILABLE", "UNKNOWN"])):
    check(f"the fault {kind} is an error of the connection, and the next call opens another")(broken(kind, codes))


def fault_in_plain_text(wanted, timeout=TIMEOUT, **fault):
    """How a call ends that a fault strikes, in plain text. The next one must be answered."""
    call = {**PLAIN, "timeout": timeout}
    plain_control.add_fault(method="SignJwt", times=1, **fault)
    request = common_pb2.SignJwtRequest(name=name_of(TARGET), payload="{}")
    try:
        code = plain.SignJwt.with_call(request, **call)[1].code()
    except grpc.RpcError as error:
        code = error.code()
    plain_control.clear_faults()
    expect(code.name in wanted, code)
    expect(plain.SignJwt(request, wait_for_ready=True, **PLAIN).key_id, "no key id")


@check("GOAWAY that took no stream is retried by the C core itself, on another connection")
def goaway():
    fault_in_plain_text(["OK"], connection="goaway")


@check("an answer that breaks off is an error")
def truncated():
    fault_in_plain_text(["UNAVAILABLE", "INTERNAL", "UNKNOWN"], connection="truncate")


@check("an answer that never comes ends with the deadline")
def hanging():
    fault_in_plain_text(["DEADLINE_EXCEEDED"], timeout=1, connection="hang")


@check("two hundred calls at once over one connection each get an answer of their own")
def many():
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        request = common_pb2.SignJwtRequest
        payloads = [f'{{"sub":"{index}"}}' for index in range(200)]
        sign = lambda payload: plain.SignJwt(request(name=name_of(TARGET), payload=payload), **PLAIN).signed_jwt
        expect(len(set(pool.map(sign, payloads))) == 200, "some answers are the same")


@check("grpc.aio gets answers and refusals")
def by_asyncio():
    async def body():
        async with grpc.aio.insecure_channel(os.environ["PLAIN"]) as channel:
            stub = Stub(channel)
            replies = await asyncio.gather(*(stub.SignBlob(sign_blob(b"%d" % index), **PLAIN) for index in range(20)))
            expect(len({reply.signed_blob for reply in replies}) == 20, "some answers are the same")
            try:
                await stub.SignBlob(sign_blob(name=LOCKED), **PLAIN)
            except grpc.aio.AioRpcError as error:
                expect(error.code() == grpc.StatusCode.PERMISSION_DENIED, error.code())
            else:
                raise AssertionError("nothing was raised")

    asyncio.run(body())


@check("pings keep a quiet connection, and are not answered with GOAWAY")
def pinged():
    options = [("grpc.keepalive_time_ms", 1000), ("grpc.http2.max_pings_without_data", 0)]
    with grpc.insecure_channel(os.environ["PLAIN"], options) as channel:
        stub = Stub(channel)
        stub.SignBlob(sign_blob(), **PLAIN)
        states = []
        channel.subscribe(states.append)
        time.sleep(2.5)
        expect(stub.SignBlob(sign_blob(), **PLAIN).key_id, "no key id")
        expect(set(states) == {grpc.ChannelConnectivity.READY}, states)


run_all()
