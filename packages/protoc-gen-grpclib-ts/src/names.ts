import type { DescMethod } from "@bufbuild/protobuf";

/** The module that generated code imports the runtime from. `rewrite_imports` can redirect it. */
export const runtimeModule = "@grpclib-ts/runtime/codegen";

/** The module that generated code imports the google.rpc details from. */
export const detailsModule = "@grpclib-ts/runtime/error-details";

/**
 * Everything that generated code imports from {@link runtimeModule}, and
 * whether it exists at run time. A test checks that the runtime exports
 * exactly these names.
 *
 * `ServiceV1` is the version check between the two packages: if the runtime is
 * too old for the generated code, the type checker reports `ServiceV1` as missing.
 */
export const runtimeNames = {
  BidiStreamingMethod: "type",
  ClientStreamingMethod: "type",
  DeclaredErrorInfoOptions: "type",
  DeclaredErrorOptions: "type",
  GRPCError: "type",
  Handlers: "type",
  Init: "type",
  MethodErrors: "type",
  PartialHandlers: "type",
  RequestStream: "type",
  ResponseStream: "type",
  ServerContext: "type",
  ServerStreamingMethod: "type",
  ServiceV1: "type",
  SharedErrors: "type",
  SingleResponse: "type",
  Status: "value",
  Transport: "type",
  TypedErrorInfo: "type",
  UnaryMethod: "type",
  bindStub: "value",
  implement: "value",
  implementPartial: "value",
  methodErrors: "value",
  sharedErrors: "value",
} as const;

/** The members of a base that the runtime reads. No rpc can have their names, because of the `$`. */
export const serviceProperties = { descriptor: "$service", errors: "$errors" } as const;

/** A name that the runtime exports for generated code. */
export type RuntimeName = keyof typeof runtimeNames;

/** The types of a method's request, its response and its member of the stub. */
export interface MethodShape {
  readonly request: "message" | "stream";
  readonly response: RuntimeName;
  readonly stub: RuntimeName;
}

/** The runtime types of the four kinds of methods. */
export const methodShapes: Record<DescMethod["methodKind"], MethodShape> = {
  unary: { request: "message", response: "SingleResponse", stub: "UnaryMethod" },
  server_streaming: { request: "message", response: "ResponseStream", stub: "ServerStreamingMethod" },
  client_streaming: { request: "stream", response: "SingleResponse", stub: "ClientStreamingMethod" },
  bidi_streaming: { request: "stream", response: "ResponseStream", stub: "BidiStreamingMethod" },
};
