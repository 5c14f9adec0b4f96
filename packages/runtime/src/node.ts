/**
 * Channels and servers over `node:http2`.
 *
 * @module
 */

export type { ConnectionCounts, RefusedConnection } from "./http2/accepted-sockets.js";
export type { BackoffOptions, ClientKeepaliveOptions } from "./http2/client-settings.js";
export type { ConnectivityState } from "./http2/connectivity.js";
export type { ServerListenOptions } from "./http2/node-server.js";
export type { PingEnforcementOptions, ServerKeepaliveOptions } from "./http2/server-keepalive.js";
export { Channel, type ChannelOptions, type ReadyOptions } from "./node/channel.js";
export { gracefulExit } from "./node/graceful-exit.js";
export { forwardMetadata } from "./node/propagation.js";
export { type CloseOptions, Server, type ServerOptions } from "./node/server.js";
