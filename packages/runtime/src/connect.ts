/**
 * The same stubs and bases over Connect's packages: in browsers, on edge runtimes,
 * and behind express, fastify or next. It needs `@connectrpc/connect`.
 *
 * @module
 */
// The empty exports let compilers name the inferred types of what a user exports, see codegen.ts.

export { type ConnectTransportOptions, connectTransport } from "./connect/client-transport.js";
export { type ConnectRoutesOptions, connectRoutes } from "./connect/server-routes.js";
export type {} from "./index.js";
export type {} from "./transport.js";
