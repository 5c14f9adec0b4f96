"""Calls a server that raises errors, with grpclib, and prints what it has received."""

import asyncio
import json

from grpclib import GRPCError
from grpclib.client import Channel

from errors import ERRORS, received
from flags import client_flags
from interop.v1.errors_grpc import ErrorServiceStub
from interop.v1.errors_pb2 import RaiseRequest


async def raised(method, name, responses):
    try:
        async with method.open() as stream:
            await stream.send_message(RaiseRequest(name=name), end=True)
            for _ in range(responses):
                assert await stream.recv_message() is not None
            await stream.recv_message()
            await stream.recv_trailing_metadata()
    except GRPCError as error:
        return received(error.status.value, error.message, error.details, stream.trailing_metadata.items())
    raise AssertionError("The call succeeded")


async def main(host, port):
    async with Channel(host, port) as channel:
        stub = ErrorServiceStub(channel)
        methods = {"unary": (stub.Raise, 0), "stream": (stub.RaiseLater, 1)}
        return {
            f"{name}/{error.name}": await raised(method, error.name, responses)
            for name, (method, responses) in methods.items()
            for error in ERRORS
        }


flags = client_flags()
print(json.dumps(asyncio.run(main(flags.server_host, flags.server_port))))
