import { type Transport as ConnectTransport, createRouterTransport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcWebTransport,
  Http2SessionManager,
  type ConnectTransportOptions as NodeOptions,
} from "@connectrpc/connect-node";
import { type ConnectTransportOptions, connectTransport } from "../../src/connect.js";
import type { Channel, ChannelOptions } from "../../src/node.js";
import { routesAt } from "./routes-server.js";

/** A transport of Connect, and what closes its connections. */
interface Opened {
  readonly transport: ConnectTransport;
  close(): void;
}

/** Transports of Connect to a {@link RoutesServer}, by the names of the projects that run the tests of calls over them. */
export const transports: Readonly<Record<string, (address: URL, tls?: ChannelOptions["tls"]) => Opened>> = {
  connect: (address, tls) => overHttp2(createConnectTransport, address, tls),
  "grpc-web": (address, tls) => overHttp2(createGrpcWebTransport, address, tls),
  router: ({ port }) => ({ transport: createRouterTransport(routesAt(Number(port))), close() {} }),
};

function overHttp2(
  create: (options: NodeOptions) => ConnectTransport,
  { origin: baseUrl }: URL,
  tls: ChannelOptions["tls"],
): Opened {
  const sessionManager = new Http2SessionManager(baseUrl, undefined, tls);
  // Compressed responses would fit into the flow-control window, so that slow readers would not hold the server back.
  const transport = create({ httpVersion: "2", baseUrl, sessionManager, acceptCompression: [] });
  return { transport, close: () => sessionManager.abort() };
}

/** A transport for tests that ask for a channel. They may only use what all transports have. */
export function openInstead(address: string | URL, { tls, compression: _, ...options }: ChannelOptions): Channel {
  const opened = transports[process.env["TRANSPORT"] ?? ""]?.(new URL(address), tls);
  if (opened === undefined) throw new Error("Set TRANSPORT to the name of a transport");
  const transport = connectTransport(opened.transport, options as ConnectTransportOptions);
  return { ...transport, close: async () => opened.close() } as unknown as Channel;
}
