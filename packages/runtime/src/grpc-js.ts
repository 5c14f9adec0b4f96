/**
 * A transport over a channel of grpc-js, for what it does beyond one connection:
 * DNS, load balancing, service configs, xDS, proxies. It needs `@grpc/grpc-js`.
 *
 * @module
 */
// The empty exports let compilers name the inferred types of what a user exports, see codegen.ts.

export { type GrpcJsTransport, type GrpcJsTransportOptions, grpcJsTransport } from "./grpc-js/transport.js";
export type {} from "./index.js";
export type {} from "./transport.js";
