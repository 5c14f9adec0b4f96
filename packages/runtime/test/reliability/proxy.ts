import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** A connection of a client through the proxy. */
export class Link {
  readonly client: Socket;
  readonly server: Socket;
  /** Whether what is received is discarded, as on a path that is gone. */
  swallows = false;

  /** @param change may change what is passed on */
  constructor(client: Socket, port: number, change: (chunk: Buffer) => Buffer) {
    this.client = client;
    this.server = dial({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.#pass(client, this.server, change);
    this.#pass(this.server, client, change);
  }

  #pass(from: Socket, to: Socket, change: (chunk: Buffer) => Buffer): void {
    from.setNoDelay(true);
    from.on("error", () => {});
    from.on("data", (chunk: Buffer) => {
      if (!this.swallows && to.writable) to.write(change(chunk));
    });
    from.on("end", () => {
      if (!this.swallows) to.end();
    });
    from.on("close", () => {
      if (!this.swallows) to.destroy();
    });
  }

  /** Stops reading from both sides, which makes them wait once the buffers are full. */
  pause(): void {
    this.client.pause();
    this.server.pause();
  }

  resume(): void {
    this.client.resume();
    this.server.resume();
  }

  destroy(): void {
    this.client.destroy();
    this.server.destroy();
  }
}

/** A TCP proxy in front of a server on this machine. */
export class TcpProxy {
  /** The port of the server for new connections. */
  target: number;
  readonly #server = createServer({ allowHalfOpen: true });
  #links: Link[] = [];

  private constructor(target: number, onLink: (link: Link) => void, change: (chunk: Buffer) => Buffer) {
    this.target = target;
    this.#server.on("connection", (client) => {
      const link = new Link(client, this.target, change);
      this.#links.push(link);
      client.once("close", () => {
        this.#links = this.#links.filter((one) => one !== link);
      });
      onLink(link);
    });
  }

  /**
   * Starts a proxy.
   *
   * @param onLink called with each new connection
   * @param change may change what is passed on
   */
  static async start(
    target: number,
    onLink: (link: Link) => void = () => {},
    change: (chunk: Buffer) => Buffer = (chunk) => chunk,
  ): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, onLink, change);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The connections whose client has not closed them. */
  get links(): readonly Link[] {
    return [...this.#links];
  }
}
