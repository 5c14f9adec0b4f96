"""Calls a server that raises an error, with grpclib. Exits with 0 if the error arrives as it is in errors.json."""

import asyncio

from grpclib import GRPCError, Status
from grpclib.client import Channel

from errors import UNLISTED, error_named, to_message, type_name
from flags import client_flags
from interop.v1.errors_grpc import ErrorServiceStub
from interop.v1.errors_pb2 import RaiseRequest


async def raise_error(host, port, name):
    async with Channel(host, port) as channel:
        try:
            await ErrorServiceStub(channel).Raise(RaiseRequest(name=name))
        except GRPCError as error:
            return error
    raise AssertionError("The call succeeded")


def received(detail):
    """Returns a decoded detail unchanged, and the representation of one whose type is not known."""
    return detail if hasattr(detail, "DESCRIPTOR") else repr(detail)


def expected(detail):
    return f"Unknown({UNLISTED!r})" if type_name(detail) == UNLISTED else to_message(detail)


flags = client_flags()
shared_error = error_named(flags.test_case)
error = asyncio.run(raise_error(flags.server_host, flags.server_port, flags.test_case))

assert error.status is Status(shared_error.code), error
assert error.message == shared_error.message, error
if shared_error.details is None:
    assert error.details is None, error
else:
    assert [received(detail) for detail in error.details] == [expected(detail) for detail in shared_error.details], error
