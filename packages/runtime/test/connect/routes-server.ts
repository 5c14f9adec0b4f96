import { once, setMaxListeners } from "node:events";
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectRouter, createContextKey, createContextValues } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { type ConnectRoutesOptions, connectRoutes } from "../../src/connect.js";
import type { Service } from "../../src/index.js";
import type { CloseOptions, Server, ServerListenOptions } from "../../src/node.js";

const peer = createContextKey("");

const routesByPort = new Map<number, (router: ConnectRouter) => void>();

/** The routes of the server at a port, for transports that call them in the same process. */
export function routesAt(port: number): (router: ConnectRouter) => void {
  return routesByPort.get(port) ?? (() => {});
}

/** Services behind an HTTP/2 server of Node and Connect's adapter, with what tests use of a `Server`. */
export class RoutesServer implements Pick<Server, "listen" | "accept" | "close"> {
  readonly #adapter: ReturnType<typeof connectNodeAdapter>;
  readonly #shutdown = new AbortController();
  readonly #servers: Http2Server[] = [];
  readonly #sessions = new Set<ServerHttp2Session>();

  readonly #routes: (router: ConnectRouter) => void;

  constructor(services: readonly Service[], options: ConnectRoutesOptions) {
    this.#routes = connectRoutes(services, { peer: ({ values }) => values.get(peer), ...options });
    const adapter = connectNodeAdapter({
      routes: this.#routes,
      contextValues: ({ socket }) => createContextValues().set(peer, `${socket.remoteAddress}:${socket.remotePort}`),
      shutdownSignal: this.#shutdown.signal,
    });
    // Each call listens to it.
    setMaxListeners(0, this.#shutdown.signal);
    this.#adapter = (request, response) => {
      response.sendDate = false;
      adapter(request, response);
    };
  }

  async listen({ tls, ...options }: ServerListenOptions): Promise<AddressInfo> {
    const server = this.#create(tls);
    server.listen(options);
    await once(server, "listening");
    const address = server.address() as AddressInfo;
    routesByPort.set(address.port, this.#routes);
    return address;
  }

  accept(socket: Duplex): void {
    (this.#servers[0] ?? this.#create(undefined)).emit("connection", socket);
  }

  async close({ grace = 10_000 }: CloseOptions = {}): Promise<void> {
    const closed = this.#servers.map((server) => (server.listening ? once(server, "close") : undefined));
    for (const server of this.#servers) server.close();
    const sessions = [...this.#sessions].map((session) => closeOf(session));
    for (const session of this.#sessions) session.close();
    const timer = setTimeout(() => this.#abort(), grace);
    await Promise.all([...closed, ...sessions]);
    clearTimeout(timer);
  }

  #create(tls: ServerListenOptions["tls"]): Http2Server {
    const server = tls === undefined ? createServer(this.#adapter) : createSecureServer({ ...tls }, this.#adapter);
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
    });
    this.#servers.push(server);
    return server;
  }

  #abort(): void {
    this.#shutdown.abort();
    setTimeout(() => {
      for (const session of this.#sessions) session.destroy();
    }, 200).unref();
  }
}

/** Resolves when a session is closed, even if an error closes it. */
function closeOf(session: ServerHttp2Session): Promise<void> | undefined {
  return session.closed ? undefined : new Promise((resolve) => session.once("close", resolve));
}

/** A server for tests that ask for one. They may only use what all servers have. */
export function serverInstead(services: readonly Service[], options: object): Server {
  const { keepalive: _, ...routesOptions } = options as Record<string, unknown>;
  return new RoutesServer(services, routesOptions) as unknown as Server;
}
