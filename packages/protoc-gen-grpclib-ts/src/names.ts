import type { DescMethod } from "@bufbuild/protobuf";

/** The module that generated code imports the runtime from. `rewrite_imports` can redirect it. */
export const runtimeModule = "@grpclib-ts/runtime/codegen";

/** The module that generated code imports the details of google.rpc from. */
export const detailsModule = "@grpclib-ts/runtime/error-details";

/**
 * Everything that generated code imports from {@link runtimeModule}, and
 * whether it exists at run time. A test checks that the runtime exports
 * exactly these.
 *
 * `ServiceV1` is the handshake between the two packages: against a runtime that
 * is too old for the generated code, the type checker names it as missing.
 */
export const runtimeNames = {
  BidiStreamingMethod: "type",
  ClientStreamingMethod: "type",
  DeclaredErrorOptions: "type",
  GRPCError: "type",
  Handlers: "type",
  Init: "type",
  MethodErrors: "type",
  RequestStream: "type",
  ResponseStream: "type",
  ServerContext: "type",
  ServerStreamingMethod: "type",
  ServiceV1: "type",
  SingleResponse: "type",
  Status: "value",
  Transport: "type",
  TypedErrorInfo: "type",
  UnaryMethod: "type",
  bindStub: "value",
  implement: "value",
  methodErrors: "value",
  serviceDescriptor: "value",
} as const;

/** A name that the runtime offers to generated code. */
export type RuntimeName = keyof typeof runtimeNames;

/** The types of a method's request, of its response, and of the stub's member. */
export interface MethodShape {
  readonly request: "message" | "stream";
  readonly response: RuntimeName;
  readonly stub: RuntimeName;
}

/** The four kinds of methods, in the terms of the runtime. */
export const methodShapes: Record<DescMethod["methodKind"], MethodShape> = {
  unary: { request: "message", response: "SingleResponse", stub: "UnaryMethod" },
  server_streaming: { request: "message", response: "ResponseStream", stub: "ServerStreamingMethod" },
  client_streaming: { request: "stream", response: "SingleResponse", stub: "ClientStreamingMethod" },
  bidi_streaming: { request: "stream", response: "ResponseStream", stub: "BidiStreamingMethod" },
};
