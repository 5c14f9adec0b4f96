import { Duplex } from "node:stream";
import { isError } from "../core/is-error.js";
import { textOf } from "../core/text-of.js";
import type { AddressSource, SocketAddress } from "./addresses.js";
import { isConnecting } from "./is-connecting.js";

/** Reaches a server through connections that the program makes. The only address of the server is such a connection. */
export class GivenConnections implements AddressSource {
  readonly #create: () => Duplex | Promise<Duplex>;

  constructor(create: () => Duplex | Promise<Duplex>) {
    this.#create = create;
  }

  resolve(callback: (error: Error | undefined, addresses: readonly SocketAddress[]) => void): () => void {
    const cancellation = new AbortController();
    const { signal } = cancellation;
    void this.#connect(signal).then(
      (socket) => {
        if (signal.aborted) socket.destroy();
        else callback(undefined, [{ socket }]);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        callback(isError(error) ? error : new Error("createConnection failed", { cause: error }), []);
      },
    );
    return () => cancellation.abort();
  }

  async #connect(signal: AbortSignal): Promise<Duplex> {
    const socket: unknown = await this.#create();
    if (!(socket instanceof Duplex)) {
      throw new TypeError(`createConnection returned ${textOf(socket)}. Return a socket, or a promise of one.`);
    }
    // If TLS starts before, it does not report why the socket cannot connect.
    if (isConnecting(socket) && !signal.aborted) {
      signal.addEventListener("abort", () => socket.destroy());
      await new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("close", resolve);
        // Also for an error that comes later, when nothing else listens yet.
        socket.on("error", reject);
      });
    }
    if (socket.destroyed || socket.readableEnded) {
      throw new Error("createConnection returned a connection that has closed");
    }
    return socket;
  }
}
