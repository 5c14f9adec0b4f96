/**
 * Channels and servers over `node:http2`.
 *
 * @module
 */

export type { ServerListenOptions } from "./http2/node-server.js";
export { Channel, type ChannelOptions } from "./node/channel.js";
export { gracefulExit } from "./node/graceful-exit.js";
export { type CloseOptions, Server, type ServerOptions } from "./node/server.js";
