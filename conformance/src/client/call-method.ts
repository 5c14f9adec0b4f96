import type { ClientCompatRequest } from "../gen/connectrpc/conformance/v1/client_compat_pb.js";
import { StreamType } from "../gen/connectrpc/conformance/v1/config_pb.js";
import type { ConformanceServiceStub } from "../gen/connectrpc/conformance/v1/service_grpclib.js";
import {
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  UnaryRequestSchema,
  UnimplementedRequestSchema,
} from "../gen/connectrpc/conformance/v1/service_pb.js";
import type { ObservedCall } from "./observed-call.js";

/** Calls a method through the public API. Rejects with the GRPCError of a failed call. */
type CallMethod = (stub: ConformanceServiceStub, call: ObservedCall) => Promise<void>;

/** Returns the function that makes the call of a test case. */
export function callOf({ method, streamType }: ClientCompatRequest): CallMethod {
  switch (method) {
    case "Unary":
      return unary;
    case "IdempotentUnary":
      return idempotentUnary;
    case "Unimplemented":
      return unimplemented;
    case "ServerStream":
      return serverStream;
    case "ClientStream":
      return clientStream;
    case "BidiStream":
      return streamType === StreamType.FULL_DUPLEX_BIDI_STREAM ? fullDuplex : halfDuplex;
    default:
      throw new Error(`The method ${method} is not supported`);
  }
}

const unary: CallMethod = async (stub, call) => {
  const request = await call.onlyRequest(UnaryRequestSchema);
  const response = stub.unary(request, call.options);
  call.cancellation.onRequestsEnded();
  call.onResponse(await response);
};

const idempotentUnary: CallMethod = async (stub, call) => {
  call.onResponse(await stub.idempotentUnary(await call.onlyRequest(IdempotentUnaryRequestSchema), call.options));
};

const unimplemented: CallMethod = async (stub, call) => {
  await stub.unimplemented(await call.onlyRequest(UnimplementedRequestSchema), call.options);
};

const serverStream: CallMethod = async (stub, call) => {
  const request = await call.onlyRequest(ServerStreamRequestSchema);
  // The first `next()`, in the same turn of the event loop, starts the call and sends the request.
  call.cancellation.onRequestsEnded();
  for await (const response of stub.serverStream(request, call.options)) call.onResponse(response);
};

const clientStream: CallMethod = async (stub, call) => {
  call.onResponse(await stub.clientStream(call.requestsToTheEnd(ClientStreamRequestSchema), call.options));
};

/** Sends all requests, then reads the responses. */
const halfDuplex: CallMethod = async (stub, call) => {
  const requests = call.requestsToTheEnd(BidiStreamRequestSchema);
  for await (const response of stub.bidiStream(requests, call.options)) call.onResponse(response);
};

/** Reads a response after each request, then the remaining responses. */
const fullDuplex: CallMethod = (stub, call) =>
  stub.bidiStream.open(async (stream) => {
    await stream.sendRequest();
    for await (const request of call.requests(BidiStreamRequestSchema)) {
      await stream.sendMessage(request);
      const response = await stream.recvMessage();
      if (response === undefined) break;
      call.onResponse(response);
    }
    call.cancellation.onRequestsSent();
    await stream.end();
    call.cancellation.onRequestsEnded();
    for await (const response of stream) call.onResponse(response);
  }, call.options);
