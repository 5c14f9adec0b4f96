"""Calls a server that raises errors, with grpcio, and prints what it has received."""

import json

import grpc
from google.protobuf import symbol_database
from grpc_status import rpc_status

from errors import ERRORS, received
from flags import client_flags
from interop.v1.errors_pb2 import RaiseRequest
from interop.v1.errors_pb2_grpc import ErrorServiceStub


def raise_once(stub, name):
    stub.Raise(RaiseRequest(name=name))


def raise_later(stub, name):
    responses = stub.RaiseLater(RaiseRequest(name=name))
    next(responses)
    next(responses)


def raised(call, stub, name):
    try:
        call(stub, name)
    except grpc.RpcError as error:
        # Raises a ValueError if the code or message in grpc-status-details-bin differs from the call's status.
        status = rpc_status.from_call(error)
        details = None if status is None else [unpack(packed) for packed in status.details]
        return received(error.code().value[0], error.details(), details, error.trailing_metadata())
    raise AssertionError("The call succeeded")


def unpack(packed):
    message = symbol_database.Default().GetSymbol(packed.TypeName())()
    assert packed.Unpack(message), packed
    return message


flags = client_flags()
with grpc.insecure_channel(f"{flags.server_host}:{flags.server_port}") as channel:
    stub = ErrorServiceStub(channel)
    calls = {"unary": raise_once, "stream": raise_later}
    errors = {
        f"{name}/{error.name}": raised(call, stub, error.name) for name, call in calls.items() for error in ERRORS
    }
print(json.dumps(errors))
