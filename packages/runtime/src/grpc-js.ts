/**
 * A transport over a channel of grpc-js, for what it does beyond one connection:
 * DNS, load balancing, service configs, xDS, proxies. It needs `@grpc/grpc-js`.
 *
 * @module
 */
export { type GrpcJsTransport, type GrpcJsTransportOptions, grpcJsTransport } from "./grpc-js/transport.js";
