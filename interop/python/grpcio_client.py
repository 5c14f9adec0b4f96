"""Calls a server that raises an error, with grpcio. Exits with 0 if the error arrives as it is in errors.json."""

import grpc
from grpc_status import rpc_status

from errors import UNLISTED, error_named, to_message, type_name
from flags import client_flags
from interop.v1.errors_pb2 import RaiseRequest
from interop.v1.errors_pb2_grpc import ErrorServiceStub


def raise_error(address, name):
    with grpc.insecure_channel(address) as channel:
        try:
            ErrorServiceStub(channel).Raise(RaiseRequest(name=name))
        except grpc.RpcError as error:
            return error
    raise AssertionError("The call succeeded")


def received(packed, expected_detail):
    """Unpacks a detail as the type of the expected message. Returns the type name instead if a type name is expected."""
    if isinstance(expected_detail, str):
        return packed.TypeName()
    message = type(expected_detail)()
    return message if packed.Unpack(message) else packed


def expected(detail):
    return UNLISTED if type_name(detail) == UNLISTED else to_message(detail)


flags = client_flags()
shared_error = error_named(flags.test_case)
error = raise_error(f"{flags.server_host}:{flags.server_port}", flags.test_case)

assert error.code().value[0] == shared_error.code, error
assert error.details() == shared_error.message, error
# Raises a ValueError if the code or message in grpc-status-details-bin differs from the call's status.
status = rpc_status.from_call(error)
if shared_error.details is None:
    assert status is None, status
else:
    messages = [expected(detail) for detail in shared_error.details]
    assert len(status.details) == len(messages), status
    assert [received(*pair) for pair in zip(status.details, messages)] == messages, status
