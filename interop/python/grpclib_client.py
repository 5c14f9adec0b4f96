"""Lets a server raise an error, with grpclib. The exit code says whether it arrived as it is in errors.json."""

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
    """A message, or what Python shows where it does not know the type."""
    return detail if hasattr(detail, "DESCRIPTOR") else repr(detail)


def expected(detail):
    return f"Unknown({UNLISTED!r})" if type_name(detail) == UNLISTED else to_message(detail)


flags = client_flags()
wanted = error_named(flags.test_case)
error = asyncio.run(raise_error(flags.server_host, flags.server_port, flags.test_case))

assert error.status is Status(wanted.code), error
assert error.message == wanted.message, error
if wanted.details is None:
    assert error.details is None, error
else:
    assert [received(detail) for detail in error.details] == [expected(detail) for detail in wanted.details], error
