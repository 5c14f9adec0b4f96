import { GRPCError, type ServerContext, Status } from "@grpclib-ts/runtime";
import type {
  SimpleRequest,
  StreamingInputCallRequest,
  StreamingOutputCallRequest,
} from "../gen/grpc/testing/messages_pb.js";
import { TestServiceBase } from "../gen/grpc/testing/test_grpclib.js";
import { payload } from "../payload.js";
import { checkCompressed, setCompression } from "./compression.js";
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

  override unaryCall(request: SimpleRequest, context: ServerContext) {
    const { responseStatus, responseSize, responseCompressed } = request;
    checkCompressed(request);
    setCompression(context, responseCompressed);
    echoMetadata(context);
    echoStatus(responseStatus);
    return { payload: payload(responseSize) };
  }

  override cacheableUnaryCall(request: SimpleRequest, context: ServerContext) {
    return this.unaryCall(request, context);
  }

  override async *streamingOutputCall(request: StreamingOutputCallRequest, context: ServerContext) {
    // The headers must declare the compression, even if the first response is not compressed.
    setCompression(
      context,
      request.responseParameters.map(({ compressed }) => compressed).find((compressed) => compressed?.value),
    );
    context.sendInitialMetadata({});
    yield* responses(request, context);
  }

  override async streamingInputCall(requests: AsyncIterable<StreamingInputCallRequest>) {
    let aggregatedPayloadSize = 0;
    for await (const request of requests) {
      checkCompressed(request);
      aggregatedPayloadSize += request.payload?.body.length ?? 0;
    }
    return { aggregatedPayloadSize };
  }

  override async *fullDuplexCall(requests: AsyncIterable<StreamingOutputCallRequest>, context: ServerContext) {
    echoMetadata(context);
    for await (const request of requests) {
      echoStatus(request.responseStatus);
      yield* responses(request, context);
    }
  }

  override async *halfDuplexCall(requests: AsyncIterable<StreamingOutputCallRequest>, context: ServerContext) {
    const buffered: StreamingOutputCallRequest[] = [];
    for await (const request of requests) buffered.push(request);
    for (const request of buffered) yield* responses(request, context);
  }

  /** The generated base class requires all methods, so this one is left unimplemented explicitly. */
  override unimplementedCall(): never {
    throw new GRPCError(Status.UNIMPLEMENTED);
  }
}
