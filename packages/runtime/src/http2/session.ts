import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, isIP, type NetConnectOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { Target } from "./address.js";
import { MAX_SESSION_MEMORY_MB, settings } from "./limits.js";

/** Stream window: what a server may send of a response that is not being read. */
const STREAM_WINDOW_BYTES = 1024 * 1024;

/** Starts to connect to a server. */
export function startSession(target: Target, tls: ConnectionOptions | undefined): ClientHttp2Session {
  return connectHttp2(`${target.scheme}://${target.authority}`, {
    settings: settings(STREAM_WINDOW_BYTES),
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    createConnection: () => {
      const socket = target.scheme === "http" ? connectTcp(socketOptions(target)) : connectWithTls(target, tls);
      // An alert that comes after the handshake, as for a missing client certificate, destroys the session, but without
      // an event while the socket is there.
      socket.on("error", () => socket.destroy());
      return socket;
    },
  });
}

function connectWithTls(target: Target, tls: ConnectionOptions | undefined): Socket {
  return connectTls({
    ...socketOptions(target),
    // Server names are those of hosts: https://www.rfc-editor.org/rfc/rfc6066#section-3
    ...(target.host !== undefined && isIP(target.host) === 0 ? { servername: target.host } : {}),
    ...tls,
    ALPNProtocols: ["h2"],
  });
}

function socketOptions({ host, port, path }: Target): NetConnectOpts {
  return path === undefined ? { host, port: port ?? 0, noDelay: true } : { path };
}
