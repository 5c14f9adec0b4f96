/**
 * Channels and servers over `node:http2`.
 *
 * @module
 */
export { Channel, type ChannelOptions } from "./http2/channel.js";
export type { ServerListenOptions } from "./http2/node-server.js";
export { gracefulExit } from "./node/graceful-exit.js";
export { type CloseOptions, Server, type ServerOptions } from "./node/server.js";
