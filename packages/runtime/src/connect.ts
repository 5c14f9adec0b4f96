/**
 * The same stubs and bases over Connect's packages: in browsers, on edge runtimes,
 * and behind express, fastify or next. It needs `@connectrpc/connect`.
 *
 * @module
 */
export { type ConnectTransportOptions, connectTransport } from "./connect/client-transport.js";
export { type ConnectRoutesOptions, connectRoutes } from "./connect/server-routes.js";
