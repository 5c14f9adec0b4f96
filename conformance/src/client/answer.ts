import { inspect } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { GRPCError, type Transport } from "@grpclib-ts/runtime";
import type {
  ClientCompatRequest,
  ClientCompatResponseSchema,
  ClientResponseResultSchema,
} from "../gen/connectrpc/conformance/v1/client_compat_pb.js";
import { ConformanceServiceStub } from "../gen/connectrpc/conformance/v1/service_grpclib.js";
import { callOf } from "./call-method.js";
import { ObservedCall } from "./observed-call.js";

/** A transport for one call. */
export type OpenTransport = Transport & AsyncDisposable;

/** Makes the call of a test case, on the transport that `open` creates, and reports its outcome. */
export async function answer(
  request: ClientCompatRequest,
  open: (request: ClientCompatRequest) => OpenTransport,
): Promise<MessageInitShape<typeof ClientCompatResponseSchema>> {
  const { testName } = request;
  try {
    return { testName, result: { case: "response", value: await makeCall(request, open) } };
  } catch (error) {
    // A GRPCError is part of the response. Any other error is a bug in this program or in the runtime.
    return { testName, result: { case: "error", value: { message: inspect(error) } } };
  }
}

async function makeCall(
  request: ClientCompatRequest,
  open: (request: ClientCompatRequest) => OpenTransport,
): Promise<MessageInitShape<typeof ClientResponseResultSchema>> {
  await using transport = open(request);
  const call = new ObservedCall(request);
  try {
    await callOf(request)(new ConformanceServiceStub(transport), call);
    return call.result();
  } catch (error) {
    if (!(error instanceof GRPCError)) throw error;
    return call.result(error);
  }
}
