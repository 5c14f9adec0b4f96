"""A server that raises the errors in errors.json, with grpclib. Runs until it gets a signal."""

import asyncio
import socket

from grpclib import GRPCError, Status
from grpclib.server import Server
from grpclib.utils import graceful_exit

from errors import error_named
from flags import server_flags
from interop.v1.errors_grpc import ErrorServiceBase
from interop.v1.errors_pb2 import RaiseResponse


class ErrorService(ErrorServiceBase):
    async def Raise(self, stream):
        await self.fail(stream, await stream.recv_message())

    async def RaiseLater(self, stream):
        request = await stream.recv_message()
        await stream.send_message(RaiseResponse())
        await self.fail(stream, request)

    async def fail(self, stream, request):
        error = error_named(request.name)
        if not error.metadata:
            raise GRPCError(Status(error.code), error.message, error.messages())
        # A GRPCError has no metadata.
        await stream.send_trailing_metadata(
            status=Status(error.code),
            status_message=error.message,
            status_details=error.messages(),
            metadata=error.metadata_pairs(),
        )


async def main():
    server = Server([ErrorService()])
    with graceful_exit([server]):
        listener = socket.create_server(("127.0.0.1", server_flags().port))
        await server.start(sock=listener)
        print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
        await server.wait_closed()


asyncio.run(main())
