"""A server that raises the errors in errors.json, with grpcio. Runs until it gets a signal."""

from concurrent.futures import ThreadPoolExecutor

import grpc
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from errors import error_named
from flags import server_flags
from interop.v1.errors_pb2 import RaiseResponse
from interop.v1.errors_pb2_grpc import ErrorServiceServicer, add_ErrorServiceServicer_to_server


STATUS_CODES = {code.value[0]: code for code in grpc.StatusCode}


class ErrorService(ErrorServiceServicer):
    def Raise(self, request, context):
        error = error_named(request.name)
        metadata = tuple(error.metadata_pairs())
        if error.details is None:
            context.set_trailing_metadata(metadata)
            context.abort(STATUS_CODES[error.code], error.message)
        status = Status(code=error.code, message=error.message)
        for detail in error.messages():
            status.details.add().Pack(detail)
        rich = rpc_status.to_status(status)
        # abort_with_status() replaces the trailing metadata.
        context.abort_with_status(rich._replace(trailing_metadata=rich.trailing_metadata + metadata))

    def RaiseLater(self, request, context):
        yield RaiseResponse()
        self.Raise(request, context)


server = grpc.server(ThreadPoolExecutor())
add_ErrorServiceServicer_to_server(ErrorService(), server)
port = server.add_insecure_port(f"127.0.0.1:{server_flags().port}")
server.start()
print(f"listening on 127.0.0.1:{port}", flush=True)
server.wait_for_termination()
