import { inspect } from "node:util";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { GRPCError } from "@grpclib-ts/runtime";
import type {
  ClientCompatRequest,
  ClientCompatResponseSchema,
  ClientResponseResultSchema,
} from "../gen/connectrpc/conformance/v1/client_compat_pb.js";
import { ConformanceServiceStub } from "../gen/connectrpc/conformance/v1/service_grpclib.js";
import { callOf } from "./call-method.js";
import { openChannel } from "./channel.js";
import { ObservedCall } from "./observed-call.js";

/** Makes the call of a test case and reports its outcome. */
export async function answer(
  request: ClientCompatRequest,
): Promise<MessageInitShape<typeof ClientCompatResponseSchema>> {
  const { testName } = request;
  try {
    return { testName, result: { case: "response", value: await makeCall(request) } };
  } catch (error) {
    // A GRPCError is part of the response. Any other error is a bug in this program or in the runtime.
    return { testName, result: { case: "error", value: { message: inspect(error) } } };
  }
}

async function makeCall(request: ClientCompatRequest): Promise<MessageInitShape<typeof ClientResponseResultSchema>> {
  await using channel = openChannel(request);
  const call = new ObservedCall(request);
  try {
    await callOf(request)(new ConformanceServiceStub(channel), call);
    return call.result();
  } catch (error) {
    if (!(error instanceof GRPCError)) throw error;
    return call.result(error);
  }
}
