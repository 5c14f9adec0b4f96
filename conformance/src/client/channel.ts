import type { ConnectionOptions } from "node:tls";
import { Channel } from "@grpclib-ts/runtime/node";
import type { ClientCompatRequest } from "../gen/connectrpc/conformance/v1/client_compat_pb.js";
import { details } from "./error.js";

/** Opens a channel with the options of a test case. */
export function openChannel(request: ClientCompatRequest): Channel {
  const { host, port, messageReceiveLimit } = request;
  const tls = tlsOf(request);
  return new Channel(`${tls ? "https" : "http"}://${host}:${port}`, {
    registry: details,
    maxReceiveMessageBytes: messageReceiveLimit || undefined,
    // The suite takes a second attempt for a fault, although a refused stream allows it.
    retry: false,
    tls,
  });
}

function tlsOf({ serverTlsCert, clientTlsCreds }: ClientCompatRequest): ConnectionOptions | undefined {
  if (serverTlsCert.length === 0) return undefined;
  const ca = Buffer.from(serverTlsCert);
  if (clientTlsCreds === undefined) return { ca };
  return { ca, cert: Buffer.from(clientTlsCreds.cert), key: Buffer.from(clientTlsCreds.key) };
}
