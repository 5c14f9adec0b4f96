"""Lets a server raise an error, with grpcio. The exit code says whether it arrived as it is in errors.json."""

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


def received(packed, like):
    """A detail as the message that it should be, or the name of its type where Python does not know that."""
    if isinstance(like, str):
        return packed.TypeName()
    message = type(like)()
    return message if packed.Unpack(message) else packed


def expected(detail):
    return UNLISTED if type_name(detail) == UNLISTED else to_message(detail)


flags = client_flags()
wanted = error_named(flags.test_case)
error = raise_error(f"{flags.server_host}:{flags.server_port}", flags.test_case)

assert error.code().value[0] == wanted.code, error
assert error.details() == wanted.message, error
# It raises a ValueError where the code or the message in there is another one.
status = rpc_status.from_call(error)
if wanted.details is None:
    assert status is None, status
else:
    messages = [expected(detail) for detail in wanted.details]
    assert len(status.details) == len(messages), status
    assert [received(*pair) for pair in zip(status.details, messages)] == messages, status
