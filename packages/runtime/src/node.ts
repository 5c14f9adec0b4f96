/**
 * Channels and servers over `node:http2`.
 *
 * @module
 */

export type { ConnectionCounts, RefusedConnection } from "./http2/accepted-sockets.js";
export type { AddressSnapshot } from "./http2/addresses.js";
export type { CallCounts, CallError } from "./http2/call-tally.js";
export type { ChannelSnapshot, ConnectFailure, RetryCounts } from "./http2/channel-snapshot.js";
export type { BackoffOptions, ClientKeepaliveOptions } from "./http2/client-settings.js";
export type { ConnectionSnapshot, KeepaliveSnapshot, TlsSnapshot } from "./http2/connection-snapshot.js";
export type { ConnectivityState } from "./http2/connectivity.js";
export type { ServerListenOptions } from "./http2/node-server.js";
export type { PingEnforcementOptions, ServerKeepaliveOptions } from "./http2/server-keepalive.js";
export { Channel, type ChannelOptions, type ReadyOptions } from "./node/channel.js";
export { gracefulExit } from "./node/graceful-exit.js";
export { forwardMetadata } from "./node/propagation.js";
export { type CloseOptions, Server, type ServerOptions } from "./node/server.js";
export type { ServerConnections, ServerSnapshot, ServerStage } from "./node/server-snapshot.js";
