import type { Transport as ConnectTransport } from "@connectrpc/connect";
import { type ChannelDefaults, channelDefaultNames, withDefaults } from "../client/channel-defaults.js";
import { checkOptions, type OptionNames } from "../core/check-options.js";
import { Status } from "../core/status.js";
import { messageOf, textOf } from "../core/text-of.js";
import type { Transport } from "../transport/client.js";
import { endedCall, notSupported } from "../transport/not-supported.js";
import { ConnectCall } from "./client-call.js";

/** Options of {@link connectTransport}. How requests are compressed is an option of Connect's own transports. */
export type ConnectTransportOptions = Omit<ChannelDefaults, "compression">;

const { compression: _, ...optionNames } = channelDefaultNames;

/**
 * Adapts a Connect transport for stubs. The transport is the result of
 * `createConnectTransport()` or `createGrpcWebTransport()`, of `@connectrpc/connect-web`
 * for browsers or of `@connectrpc/connect-node`, or of `createRouterTransport()`.
 *
 * ```ts
 * const transport = connectTransport(createConnectTransport({ baseUrl: "https://library.example.com" }));
 * const stub = new LibraryServiceStub(transport);
 * ```
 *
 * A call fails with UNIMPLEMENTED, before anything is sent, if it asks for what the
 * platform cannot do: streams of requests over `fetch()`, the options `compression`
 * and `waitForReady`.
 *
 * @throws TypeError if `transport` is not a transport of Connect, and for an invalid option
 */
export function connectTransport(transport: ConnectTransport, options: ConnectTransportOptions = {}): Transport {
  if (typeof transport?.unary !== "function" || typeof transport.stream !== "function") {
    const got = textOf(transport);
    throw new TypeError(
      `connectTransport() takes a transport of Connect, such as createConnectTransport(), got ${got}`,
    );
  }
  checkOptions("connectTransport()", options, optionNames satisfies OptionNames<ConnectTransportOptions>);
  return withDefaults(adapt(transport), options);
}

function adapt(transport: ConnectTransport): Transport {
  return {
    start(request, listener) {
      const refusal = notSupported("Connect", {}, request);
      if (refusal !== undefined) return endedCall(refusal, listener);
      try {
        return new ConnectCall(transport, request, listener);
      } catch (cause) {
        const message = `Connect cannot send the metadata: ${messageOf(cause)}`;
        return endedCall({ status: Status.INTERNAL, message, origin: "client", cause }, listener);
      }
    },
  };
}
