# SPDX-License-Identifier: Apache-2.0
# A server on gRPC's C core: SignBlob gives the payload back, Count replies in any number and size. No message classes: it reads and
# writes the few fields by hand. Usage: core_server.py PORT [CERTIFICATE KEY]; with GRACE_MS connections are drained when they are so old.
import os
import signal
import sys
from concurrent import futures

import grpc


def varint(value):
    octets = b""
    while value > 127:
        octets += bytes([value & 127 | 128])
        value >>= 7
    return octets + bytes([value])


def fields(message):
    at, found = 0, {}

    def number():
        nonlocal at
        value, shift = 0, 0
        while True:
            octet = message[at]
            at += 1
            value |= (octet & 127) << shift
            if octet < 128:
                return value
            shift += 7

    while at < len(message):
        key = number()
        if key & 7 == 0:
            found[key >> 3] = number()
        else:
            length = number()
            found[key >> 3] = message[at : at + length]
            at += length
    return found


def text(number, value):
    return bytes([number << 3 | 2]) + varint(len(value)) + value


def sign_blob(request, context):
    payload = fields(request).get(5, b"")
    return text(1, b"k") + text(4, payload)


def count(request, context):
    asked = fields(request)
    for number in range(1, asked.get(1, 0) + 1):
        yield bytes([8]) + varint(number) + text(2, bytes(asked.get(2, 0)))


class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method.endswith("/SignBlob"):
            return grpc.unary_unary_rpc_method_handler(sign_blob)
        if details.method.endswith("/Count"):
            return grpc.unary_stream_rpc_method_handler(count)
        return None


options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.so_reuseport", 0)]
if "GRACE_MS" in os.environ:
    options += [("grpc.max_connection_age_ms", int(os.environ["GRACE_MS"])), ("grpc.max_connection_age_grace_ms", 10_000)]
if "MAX_STREAMS" in os.environ:
    options += [("grpc.max_concurrent_streams", int(os.environ["MAX_STREAMS"]))]
server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=options)
server.add_generic_rpc_handlers((Handler(),))
address = f"127.0.0.1:{sys.argv[1]}"
if len(sys.argv) > 3:
    with open(sys.argv[2], "rb") as certificate, open(sys.argv[3], "rb") as key:
        server.add_secure_port(address, grpc.ssl_server_credentials([(key.read(), certificate.read())]))
else:
    server.add_insecure_port(address)
server.start()
print("ready", flush=True)
signal.signal(signal.SIGTERM, lambda *_: server.stop(5).wait() and sys.exit(0))
server.wait_for_termination()
