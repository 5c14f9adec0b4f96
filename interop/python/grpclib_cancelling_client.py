"""Cancels 100 calls at the same point, with grpclib, which resets them with NO_ERROR. Exits with 0 if the server's
handlers were cancelled and the server still answers.

A test case is named kind/point/way: the kind of call, the point at which it ends, and what ends it."""

import asyncio

from grpclib import GRPCError
from grpclib.client import Channel
from grpclib.config import Configuration
from grpclib.exceptions import ProtocolError, StreamTerminatedError

from flags import client_flags
from interop.v1.cancellation_grpc import CancellationServiceStub
from interop.v1.cancellation_pb2 import Chunk, SeenRequest

CALLS = 100
# When data arrives after h2 has reset a stream, h2 sends another reset, and Node 20 drops a connection after 1,000
# resets. A small window limits the data in flight.
WINDOW = 256 * 1024
SMALL = Chunk(data=b"a request")
LARGE = Chunk(data=bytes(2 * 1024 * 1024))


async def headers_sent(stream):
    await stream.send_request()


async def first_request_sent(stream):
    await stream.send_message(SMALL)


async def requests_ended(stream):
    await stream.send_message(SMALL, end=True)


async def first_response_received(stream):
    await stream.send_message(SMALL)
    await stream.recv_message()


async def response_to_only_request_received(stream):
    await stream.send_message(SMALL, end=True)
    await stream.recv_message()


async def responses_flow(stream):
    await response_to_only_request_received(stream)
    for _ in range(5):
        await stream.recv_message()


async def large_request_in_flight(stream):
    await stream.send_message(LARGE)


POINTS = {
    "headers": headers_sent,
    "large": large_request_in_flight,
    "request": first_request_sent,
    "end": requests_ended,
    "echo": first_response_received,
    "response": response_to_only_request_received,
    "flow": responses_flow,
}

# At these points the client has already half-closed the call.
ENDED = {"end", "response", "flow"}


async def leave_by_cancelling_task(method, point, index, metadata):
    """Cancels the task when it has reached the point. For a large request: 0 to 8 ms after it has started to send."""
    arrived = asyncio.Event()

    async def call():
        async with method.open(metadata=metadata) as stream:
            if point == "large":
                await headers_sent(stream)
                arrived.set()
            await POINTS[point](stream)
            arrived.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(call())
    await arrived.wait()
    await asyncio.sleep(index % 9 / 1000 if point == "large" else 0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def leave_by_cancelling_stream(method, point, _index, metadata):
    async with method.open(metadata=metadata) as stream:
        await POINTS[point](stream)
        await stream.cancel()


async def leave_by_deadline(method, point, index, metadata):
    """Either side may be the first to notice that the deadline has passed. If it is the server and the client has not
    half-closed the call, grpclib raises a ProtocolError for the server's answer."""
    try:
        async with method.open(metadata=metadata, timeout=0.2 + index % 9 / 1000) as stream:
            await POINTS[point](stream)
            while await stream.recv_message() is not None:
                pass
    except (asyncio.TimeoutError, GRPCError, ProtocolError, StreamTerminatedError):
        pass


WAYS = {"task": leave_by_cancelling_task, "stream": leave_by_cancelling_stream, "deadline": leave_by_deadline}


async def main(host, port, test_case):
    kind, point, way = test_case.split("/")
    config = Configuration(http2_connection_window_size=WINDOW, http2_stream_window_size=WINDOW)
    async with Channel(host, port, config=config) as channel:
        stub = CancellationServiceStub(channel)
        method = getattr(stub, kind)
        leave = WAYS[way]
        calls = (leave(method, point, index, {"case": test_case}) for index in range(CALLS))
        # Send large requests one after another: together they would exhaust the connection's window.
        if point == "large":
            for call in calls:
                await asyncio.wait_for(call, 10)
        else:
            await asyncio.wait_for(asyncio.gather(*calls), 30)
        return await stub.Seen(SeenRequest(test_case=test_case))


flags = client_flags()
seen = asyncio.run(main(flags.server_host, flags.server_port, flags.test_case))
kind, point, way = flags.test_case.split("/")

assert seen.started == seen.ended, seen
# A call does not reach its handler if it is reset before its request is complete, or before the server starts it.
assert seen.started <= CALLS, seen
if point in ENDED:
    assert seen.started > 0, seen
assert set(seen.reasons) <= {"StreamTerminatedError", *(["DEADLINE_EXCEEDED"] if way == "deadline" else [])}, seen
assert seen.started == 0 or seen.reasons, seen
# A reset that arrives in the same packet as the end of the requests may be handled first.
assert seen.requests_ended <= (CALLS if point in ENDED else 0), seen
assert not seen.reports, seen
