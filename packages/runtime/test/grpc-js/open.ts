import { isIP } from "node:net";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { type GrpcJsTransport, type GrpcJsTransportOptions, grpcJsTransport } from "../../src/grpc-js.js";
import type { Channel, ChannelOptions } from "../../src/node.js";
import { unshared } from "../peers/grpc-js.js";

/** A transport of grpc-js. It is closed when the test is over. */
export function openGrpcJs(
  target: string,
  { channelOptions, ...options }: GrpcJsTransportOptions = {},
  channelCredentials: ChannelCredentials = credentials.createInsecure(),
): GrpcJsTransport {
  const own = { ...options, channelOptions: { ...unshared, ...channelOptions } };
  const transport = grpcJsTransport(target, channelCredentials, own);
  onTestFinished(() => transport.close());
  return transport;
}

/** A transport of grpc-js for tests that ask for a channel. They may only use what all transports have. */
export function openInstead(address: string | URL, { tls, ...options }: ChannelOptions): Channel {
  const { protocol, hostname, host, pathname } = new URL(address);
  const target = protocol === "unix:" ? `unix:${pathname}` : `${isIP(hostname) ? "ipv4:" : "dns:///"}${host}`;
  const authority = tls?.servername === undefined ? {} : { "grpc.ssl_target_name_override": tls.servername };
  const transport = openGrpcJs(
    target,
    { channelOptions: authority, ...(options as GrpcJsTransportOptions) },
    protocol === "https:" || tls !== undefined ? secure(tls) : credentials.createInsecure(),
  );
  return transport as unknown as Channel;
}

function secure({ ca, key, cert }: NonNullable<ChannelOptions["tls"]> = {}): ChannelCredentials {
  return credentials.createSsl(bytes(ca), bytes(key), bytes(cert));
}

function bytes(pem: unknown): Buffer | null {
  return typeof pem === "string" ? Buffer.from(pem) : null;
}
