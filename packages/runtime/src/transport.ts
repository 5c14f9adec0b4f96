/**
 * For transport adapters: the two ports between the calls of this library and the
 * transport that carries them, and what an adapter needs to preserve the semantics
 * of calls.
 *
 * @module
 */
export { type ChannelDefaults, withDefaults } from "./client/channel-defaults.js";
export type { ClientInterceptor } from "./client/interceptor.js";
export type { RetryOption, RetryPolicy } from "./client/retry-policy.js";
export { type Compression, compressions, markCompressed } from "./core/compression.js";
export type { ContextValues } from "./core/context-values.js";
export {
  Metadata,
  type MetadataEntries,
  type MetadataInit,
  type MetadataValue,
  receivedMetadata,
  type UnparsedEntries,
} from "./core/metadata.js";
export type { Method } from "./core/method.js";
export { Status } from "./core/status.js";
export type { CallEnd, CallFailure, CallStatus, RetryPushback } from "./errors/call-end.js";
export type { DetailRegistry } from "./errors/detail-registry.js";
export { GRPCError } from "./errors/error.js";
export {
  encodeStatusDetails,
  type PackedDetail,
  parseStatusDetails,
  type StatusDetails,
} from "./errors/status-details.js";
export { StreamTerminatedError } from "./errors/stream-terminated-error.js";
export type { TakeTurn } from "./flow/inbox.js";
export { Dispatcher, type DispatcherOptions } from "./server/dispatcher.js";
export type { Service } from "./server/service.js";
export type {
  CallRequest,
  OutgoingCall,
  PendingReason,
  ResponseListener,
  RetriedRequest,
  Transport,
} from "./transport/client.js";
export { channelClosed, type HeldCall, HeldCalls } from "./transport/closing.js";
export { endedCall, notSupported, type TransportFeatures } from "./transport/not-supported.js";
export { type Indexed, OpenCalls } from "./transport/open-calls.js";
export { originOf } from "./transport/origin.js";
export type {
  CallHandler,
  ClientCertificate,
  IncomingCall,
  ReportInfo,
  RequestHead,
  RequestListener,
  Route,
} from "./transport/server.js";
