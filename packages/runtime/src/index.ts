/**
 * gRPC errors, statuses, metadata and the types of calls, for any platform.
 *
 * @module
 */
export type { CallOptions, ParentCall } from "./client/call-options.js";
export type {
  BidiStreamingMethod,
  ClientStreamingMethod,
  RequestIterable,
  ResponseIterable,
  ServerStreamingMethod,
  UnaryMethod,
} from "./client/method.js";
export type { Result } from "./client/result.js";
export type { ClientStream, Open } from "./client/stream.js";
export type { Compression } from "./core/compression.js";
export type { DeclaredErrorOptions, MethodErrors } from "./core/contract.js";
export { Deadline } from "./core/deadline.js";
export { type Detail, detail, Unknown } from "./core/detail.js";
export { DetailRegistry, type DetailTypes, registerDetails } from "./core/detail-registry.js";
export { type Declared, GRPCError, type GRPCErrorOptions, type UndeclaredError } from "./core/error.js";
export type { Init } from "./core/init.js";
export { type BinaryKey, Metadata, type MetadataInit, type MetadataValue } from "./core/metadata.js";
export { ProtocolError } from "./core/protocol-error.js";
export { Status } from "./core/status.js";
export { StreamTerminatedError } from "./core/stream-terminated-error.js";
export type { ServerContext, Trailers, TrailersSent } from "./server/context.js";
export type { Handlers, RequestStream, ResponseStream, SingleResponse } from "./server/handler.js";
export type { ErrorInfo, OnError } from "./server/report.js";
export type { Service } from "./server/service.js";
export type { Transport } from "./transport/client.js";
