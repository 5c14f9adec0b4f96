import { GRPCError, type ServerContext, Status } from "@grpclib-ts/runtime";
import type {
  SimpleRequest,
  StreamingInputCallRequest,
  StreamingOutputCallRequest,
} from "../gen/grpc/testing/messages_pb.js";
import { TestServiceBase } from "../gen/grpc/testing/test_grpclib.js";
import { payload } from "../payload.js";
import { echoMetadata, echoStatus } from "./echo.js";
import { responses } from "./responses.js";

/**
 * The service of the official test cases.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md#server
 */
export class TestService extends TestServiceBase {
  override emptyCall() {
    return {};
  }

  override unaryCall({ responseStatus, responseSize }: SimpleRequest, context: ServerContext) {
    echoMetadata(context);
    echoStatus(responseStatus);
    return { payload: payload(responseSize) };
  }

  override cacheableUnaryCall(request: SimpleRequest, context: ServerContext) {
    return this.unaryCall(request, context);
  }

  override async *streamingOutputCall(request: StreamingOutputCallRequest, { signal }: ServerContext) {
    yield* responses(request, signal);
  }

  override async streamingInputCall(requests: AsyncIterable<StreamingInputCallRequest>) {
    let aggregatedPayloadSize = 0;
    for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
    return { aggregatedPayloadSize };
  }

  override async *fullDuplexCall(requests: AsyncIterable<StreamingOutputCallRequest>, context: ServerContext) {
    echoMetadata(context);
    for await (const request of requests) {
      echoStatus(request.responseStatus);
      yield* responses(request, context.signal);
    }
  }

  override async *halfDuplexCall(requests: AsyncIterable<StreamingOutputCallRequest>, { signal }: ServerContext) {
    const buffered: StreamingOutputCallRequest[] = [];
    for await (const request of requests) buffered.push(request);
    for (const request of buffered) yield* responses(request, signal);
  }

  /** The generated base class requires all methods, so this one is left unimplemented explicitly. */
  override unimplementedCall(): never {
    throw new GRPCError(Status.UNIMPLEMENTED);
  }
}
