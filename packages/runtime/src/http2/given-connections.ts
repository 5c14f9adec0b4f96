import { Duplex } from "node:stream";
import { isError } from "../core/is-error.js";
import { textOf } from "../core/text-of.js";
import type { AddressSource, SocketAddress } from "./addresses.js";

/** Reaches a server through connections that the program makes. The only address of the server is such a connection. */
export class GivenConnections implements AddressSource {
  readonly #create: () => Duplex | Promise<Duplex>;

  constructor(create: () => Duplex | Promise<Duplex>) {
    this.#create = create;
  }

  resolve(callback: (error: Error | undefined, addresses: readonly SocketAddress[]) => void): () => void {
    let wanted = true;
    void this.#connect().then(
      (socket) => {
        if (wanted) callback(undefined, [{ socket }]);
        else socket.destroy();
      },
      (error: unknown) => {
        if (!wanted) return;
        callback(isError(error) ? error : new Error("createConnection failed", { cause: error }), []);
      },
    );
    return () => {
      wanted = false;
    };
  }

  async #connect(): Promise<Duplex> {
    const socket: unknown = await this.#create();
    if (!(socket instanceof Duplex)) {
      throw new TypeError(`createConnection returned ${textOf(socket)}. Return a socket, or a promise of one.`);
    }
    if (socket.destroyed || socket.readableEnded) {
      throw new Error("createConnection returned a connection that has closed");
    }
    return socket;
  }
}
