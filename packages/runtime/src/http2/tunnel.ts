import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import type { Target } from "../wire/address.js";
import { quote } from "../wire/quote.js";
import type { AddressSnapshot, AddressSource, SocketAddress } from "./addresses.js";
import type { HttpProxy } from "./proxy.js";

/**
 * Reaches a server through an HTTP proxy. The only address of the server is a
 * socket: the tunnel that the proxy has opened.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
 */
export class Tunnel implements AddressSource {
  readonly #target: Target;
  readonly #proxy: HttpProxy;

  constructor(target: Target, proxy: HttpProxy) {
    this.#target = target;
    this.#proxy = proxy;
  }

  resolve(callback: (error: Error | undefined, addresses: readonly SocketAddress[]) => void): () => void {
    const { scheme, name, host, port, authorization } = this.#proxy;
    const target = this.#target;
    const request = (scheme === "https" ? requestHttps : requestHttp)({
      host,
      port,
      method: "CONNECT",
      path: target.name,
      headers: { host: target.name, ...(authorization === undefined ? {} : { "proxy-authorization": authorization }) },
      agent: false,
    });
    const refusal = ({ statusCode, statusMessage = "" }: IncomingMessage) =>
      new Error(`The proxy ${name} refused the connection: ${statusCode} ${quote(statusMessage)}`);
    request.once("connect", (answer, socket: Socket, head: Buffer) => {
      const { statusCode = 0 } = answer;
      if (statusCode >= 200 && statusCode < 300) {
        // A server may send its settings before it has received anything.
        if (head.length > 0) socket.unshift(head);
        socket.setNoDelay(true);
        callback(undefined, [{ socket }]);
      } else {
        socket.destroy();
        callback(refusal(answer), []);
      }
    });
    // Without this listener, node:http waits for the body of another answer.
    request.once("response", (answer) => void request.destroy(refusal(answer)));
    request.once("error", (cause) => {
      callback(new Error(`The proxy ${name} cannot be reached: ${cause.message}`, { cause }), []);
    });
    request.end();
    return () => void request.destroy();
  }

  describe(): readonly AddressSnapshot[] {
    return [{ address: this.#target.name, proxy: this.#proxy.name }];
  }
}
