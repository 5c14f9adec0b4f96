/**
 * gRPC errors, statuses, metadata and the types of calls. Runs on any platform.
 *
 * @module
 */
export type { CallOptions, ParentCall } from "./client/call-options.js";
export { intercept } from "./client/intercept.js";
export type { ClientInterceptor, ClientResult, InterceptedClientCall } from "./client/interceptor.js";
export type {
  BidiStreamingMethod,
  ClientStreamingMethod,
  RequestIterable,
  ResponseIterable,
  ServerStreamingMethod,
  UnaryMethod,
} from "./client/method.js";
export type { Result } from "./client/result.js";
export { retry } from "./client/retry.js";
export type { RetryEvent, RetryOption, RetryPolicy } from "./client/retry-policy.js";
export type { RetryThrottling } from "./client/retry-throttle.js";
export type { ClientStream, Open, SendOptions } from "./client/stream.js";
export { type Compression, wasCompressed } from "./core/compression.js";
export { type ContextKey, ContextValues, createContextKey } from "./core/context-values.js";
export { Deadline } from "./core/deadline.js";
export type { Init } from "./core/init.js";
export { type BinaryKey, Metadata, type MetadataInit, type MetadataValue } from "./core/metadata.js";
export { defaultMaskedKeys, maskMetadata } from "./core/metadata-mask.js";
export type { Method } from "./core/method.js";
export type { MessageFunction } from "./core/replace-message.js";
export { Status } from "./core/status.js";
export type { CallOutcome } from "./errors/call-outcome.js";
export type { DeclaredErrorInfoOptions, DeclaredErrorOptions, MethodErrors } from "./errors/contract.js";
export { type Detail, detail, Unknown } from "./errors/detail.js";
export { DetailRegistry, type DetailTypes, type FindDetailSchema, registerDetails } from "./errors/detail-registry.js";
export { GRPCError, type UndeclaredError } from "./errors/error.js";
export type { Declared, GRPCErrorOptions } from "./errors/error-record.js";
export { fieldViolations } from "./errors/field-violations.js";
export { fromHttpJson, type HttpJsonError, toHttpJson } from "./errors/http-json.js";
export type { ErrorJson, OutcomeJson } from "./errors/log-shape.js";
export { fromProblem, type Problem, type ProblemOptions, toProblem } from "./errors/problem.js";
export { ProtocolError } from "./errors/protocol-error.js";
export type { RestAnswerOptions, RestErrorOptions } from "./errors/rest-error.js";
export type { SharedErrors } from "./errors/shared-errors.js";
export { StreamTerminatedError } from "./errors/stream-terminated-error.js";
export { type FakeMethod, type FakeMethods, fakeStub } from "./fake/fake-stub.js";
export type { ServerContext, Trailers, TrailersSent } from "./server/context.js";
export type { ErrorMapping, ErrorMappings, ExceptionClass } from "./server/error-mapping.js";
export type { RequestStream, ResponseMessage, ResponseStream, SingleResponse } from "./server/handler.js";
export type { InterceptedMethod, InterceptedServerCall, ServerInterceptor } from "./server/interceptor.js";
export type { LocalizableError, LocalizedText, LocalizeMessage } from "./server/localization.js";
export { type MapErrorsOptions, mapErrors } from "./server/map-errors.js";
export type { PartialHandlers } from "./server/partial-service.js";
export type { OnError } from "./server/report.js";
export type { Handlers, Service, ServiceHooks } from "./server/service.js";
export type { TranslatedMessage, Translations } from "./server/translations.js";
export type { Transport } from "./transport/client.js";
export type { ClientCertificate, ReportInfo } from "./transport/server.js";
