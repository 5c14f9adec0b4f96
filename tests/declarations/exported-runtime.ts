// What a package may export without type annotations, of the runtime. Declaration files must name all the types.

import * as runtime from "@grpclib-ts/runtime";
import * as codegen from "@grpclib-ts/runtime/codegen";
import * as details from "@grpclib-ts/runtime/error-details";
import * as node from "@grpclib-ts/runtime/node";
import * as transport from "@grpclib-ts/runtime/transport";

export const everything = { ...codegen, ...details, ...runtime, ...node, ...transport };

/** Calls a function. The inferred type of the result has all types of the function's signature. */
const call =
  <A extends readonly unknown[], R>(f: (...args: A) => R) =>
  (...args: A) =>
    f(...args);
export const functions = {
  bindStub: call(codegen.bindStub),
  encodeStatusDetails: call(transport.encodeStatusDetails),
  endedCall: call(transport.endedCall),
  gracefulExit: call(node.gracefulExit),
  notSupported: call(transport.notSupported),
  originOf: call(transport.originOf),
  parseStatusDetails: call(transport.parseStatusDetails),
  receivedMetadata: call(transport.receivedMetadata),
  registerDetails: call(runtime.registerDetails),
  withDefaults: call(transport.withDefaults),
};

/** Creates an instance of a class, likewise. */
const construct =
  <A extends readonly unknown[], R>(c: new (...args: A) => R) =>
  (...args: A) =>
    new c(...args);
export const constructors = {
  Channel: construct(node.Channel),
  DetailRegistry: construct(runtime.DetailRegistry),
  Dispatcher: construct(transport.Dispatcher),
  GRPCError: construct(runtime.GRPCError),
  Metadata: construct(runtime.Metadata),
  Server: construct(node.Server),
  StreamTerminatedError: construct(runtime.StreamTerminatedError),
  Unknown: construct(runtime.Unknown),
};

// The members of each interface and class.
export const bidi = (of: runtime.BidiStreamingMethod<never, never>) => ({ ...of });
export const callEnd = (of: transport.CallEnd) => ({ ...of });
export const callHandler = (of: transport.CallHandler) => ({ ...of });
export const callOptions = (of: runtime.CallOptions) => ({ ...of });
export const callRequest = (of: transport.CallRequest) => ({ ...of });
export const channel = (of: node.Channel) => [of.start, of.close] as const;
export const channelOptions = (of: node.ChannelOptions) => ({ ...of });
export const clientStream = (of: runtime.ClientStream<never, never>) => ({ ...of });
export const deadline = (of: runtime.Deadline) => [of.onExpired, of.remaining] as const;
export const errorOptions = (of: runtime.GRPCErrorOptions) => ({ ...of });
export const incomingCall = (of: transport.IncomingCall) => ({ ...of });
export const listenOptions = (of: node.ServerListenOptions) => ({ ...of });
export const metadata = (of: runtime.Metadata) => [of.get, of.set, of.append, of.toJSON] as const;
export const outgoingCall = (of: transport.OutgoingCall) => ({ ...of });
export const registry = (of: runtime.DetailRegistry) => [of.add, of.get] as const;
export const requestListener = (of: transport.RequestListener) => ({ ...of });
export const responseListener = (of: transport.ResponseListener) => ({ ...of });
export const route = (of: transport.Route) => ({ ...of });
export const server = (of: node.Server) => [of.listen, of.close] as const;
export const serverContext = (of: runtime.ServerContext) => ({ ...of });
export const serverOptions = (of: node.ServerOptions) => ({ ...of });
export const trailers = (of: runtime.Trailers) => ({ ...of });
export const unary = (of: runtime.UnaryMethod<never, never>) => ({ ...of });
