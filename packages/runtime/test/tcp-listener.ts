import { type AddressInfo, createServer, type Socket } from "node:net";

/** A plain TCP server. */
export interface TcpListener {
  readonly port: number;
  /** The connections so far. */
  readonly sockets: readonly Socket[];
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Starts a plain TCP server.
 *
 * @param onConnection called with each connection, and how many there are
 * @param at where it listens. Default: a free port of 127.0.0.1
 */
export async function listenTcp(
  onConnection: (socket: Socket, number: number) => void,
  { host = "127.0.0.1", port = 0 }: { readonly host?: string; readonly port?: number } = {},
): Promise<TcpListener> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {}).setNoDelay(true);
    onConnection(socket, sockets.length);
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
