"""
A server of the TracingService with grpcio and its instrumentation by OpenTelemetry. Runs until it gets a signal.
Appends its spans to the file SPANS_FILE, if there is one.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import grpc
from opentelemetry import baggage, trace
from opentelemetry.instrumentation.grpc import GrpcInstrumentorClient, GrpcInstrumentorServer
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from flags import server_flags
from interop.v1.tracing_pb2 import VisitedSpan, VisitRequest, VisitResponse
from interop.v1.tracing_pb2_grpc import TracingServiceServicer, TracingServiceStub, add_TracingServiceServicer_to_server

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
if "SPANS_FILE" in os.environ:
    file = open(os.environ["SPANS_FILE"], "a", buffering=1)
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=file, formatter=lambda span: line_of(span))))
trace.set_tracer_provider(provider)
GrpcInstrumentorClient().instrument()
GrpcInstrumentorServer().instrument()


def line_of(span):
    """The line for a span in SPANS_FILE, as write-spans.ts has it."""
    line = {
        "language": "Python",
        "name": span.name.removeprefix("/"),
        "kind": span.kind.name,
        "spanId": trace.format_span_id(span.get_span_context().span_id),
        "parentSpanId": trace.format_span_id(span.parent.span_id),
        "start": span.start_time / 1000,
        "end": span.end_time / 1000,
        "attributes": dict(span.attributes),
    }
    return json.dumps(line) + "\n"


def visited(span):
    parent = getattr(span, "parent", None)
    return VisitedSpan(
        service="python",
        kind=span.kind.name if hasattr(span, "kind") else "",
        name=getattr(span, "name", "").removeprefix("/"),
        trace_id=trace.format_trace_id(span.get_span_context().trace_id),
        span_id=trace.format_span_id(span.get_span_context().span_id),
        parent_span_id=trace.format_span_id(parent.span_id) if parent else "",
        sampled=span.get_span_context().trace_flags.sampled,
    )


class TracingService(TracingServiceServicer):
    def Visit(self, request, context):
        own = trace.get_current_span()
        response = VisitResponse(spans=[visited(own)], tenants=[str(baggage.get_baggage("tenant"))])
        if request.ports:
            with grpc.insecure_channel(f"127.0.0.1:{request.ports[0]}") as channel:
                further = TracingServiceStub(channel).Visit(VisitRequest(ports=request.ports[1:]), timeout=10)
            trace_id = own.get_span_context().trace_id
            ended = [span for span in exporter.get_finished_spans() if span.get_span_context().trace_id == trace_id]
            response.spans.extend(visited(span) for span in ended)
            response.MergeFrom(further)
        return response


server = grpc.server(ThreadPoolExecutor())
add_TracingServiceServicer_to_server(TracingService(), server)
port = server.add_insecure_port(f"127.0.0.1:{server_flags().port}")
server.start()
print(f"listening on 127.0.0.1:{port}", flush=True)
server.wait_for_termination()
