import { GRPCError, type ServerContext, Status } from "@grpclib-ts/runtime";
import { ConformanceServiceBase } from "../gen/connectrpc/conformance/v1/service_grpclib.js";
import {
  type BidiStreamRequest,
  BidiStreamRequestSchema,
  type ClientStreamRequest,
  ClientStreamRequestSchema,
  type IdempotentUnaryRequest,
  IdempotentUnaryRequestSchema,
  type ServerStreamRequest,
  ServerStreamRequestSchema,
  type UnaryRequest,
  UnaryRequestSchema,
} from "../gen/connectrpc/conformance/v1/service_pb.js";
import { onlyResponse } from "./only-response.js";
import { RequestLog } from "./request-log.js";
import { StreamedResponses } from "./streamed-responses.js";

/** The service that the suite calls. Requests define their responses. */
export class Conformance extends ConformanceServiceBase {
  override async unary(request: UnaryRequest, context: ServerContext) {
    const log = new RequestLog(context);
    log.add(UnaryRequestSchema, request);
    return await onlyResponse(request.responseDefinition, log, context);
  }

  override async idempotentUnary(request: IdempotentUnaryRequest, context: ServerContext) {
    const log = new RequestLog(context);
    log.add(IdempotentUnaryRequestSchema, request);
    return await onlyResponse(request.responseDefinition, log, context);
  }

  override async clientStream(requests: AsyncIterable<ClientStreamRequest>, context: ServerContext) {
    const log = new RequestLog(context);
    let first: ClientStreamRequest | undefined;
    for await (const request of requests) {
      log.add(ClientStreamRequestSchema, request);
      first ??= request;
    }
    return await onlyResponse(first?.responseDefinition, log, context);
  }

  override async *serverStream(request: ServerStreamRequest, context: ServerContext) {
    const log = new RequestLog(context);
    log.add(ServerStreamRequestSchema, request);
    yield* new StreamedResponses(request.responseDefinition, log, context);
  }

  override async *bidiStream(requests: AsyncIterable<BidiStreamRequest>, context: ServerContext) {
    const log = new RequestLog(context);
    let fullDuplex = false;
    let responses: StreamedResponses | undefined;
    for await (const request of requests) {
      log.add(BidiStreamRequestSchema, request);
      if (responses === undefined) {
        fullDuplex = request.fullDuplex;
        responses = new StreamedResponses(request.responseDefinition, log, context);
      }
      if (!fullDuplex) continue;
      if (responses.sentAll) break;
      yield await responses.next();
    }
    if (responses !== undefined) yield* responses;
  }

  /** The generated base class requires all methods, so this one is left unimplemented explicitly. */
  override unimplemented(): never {
    throw new GRPCError(Status.UNIMPLEMENTED);
  }
}
