"""A server that raises the errors in errors.json, with grpclib. Runs until it gets a signal."""

import asyncio
import socket

from grpclib import GRPCError, Status
from grpclib.server import Server
from grpclib.utils import graceful_exit

from errors import error_named, to_message
from flags import server_flags
from interop.v1 import unlisted_pb2  # noqa: F401
from interop.v1.errors_grpc import ErrorServiceBase


class ErrorService(ErrorServiceBase):
    async def Raise(self, stream):
        error = error_named((await stream.recv_message()).name)
        details = None if error.details is None else [to_message(detail) for detail in error.details]
        raise GRPCError(Status(error.code), error.message, details)


async def main():
    server = Server([ErrorService()])
    with graceful_exit([server]):
        listener = socket.create_server(("127.0.0.1", server_flags().port))
        await server.start(sock=listener)
        print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
        await server.wait_closed()


asyncio.run(main())
