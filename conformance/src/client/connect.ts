import { createRegistry } from "@bufbuild/protobuf";
import type { Transport as ConnectTransport } from "@connectrpc/connect";
import {
  type ConnectTransportOptions,
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { connectTransport } from "@grpclib-ts/runtime/connect";
import type { ClientCompatRequest } from "../gen/connectrpc/conformance/v1/client_compat_pb.js";
import { Codec, Compression, HTTPVersion, Protocol } from "../gen/connectrpc/conformance/v1/config_pb.js";
import { file_connectrpc_conformance_v1_service } from "../gen/connectrpc/conformance/v1/service_pb.js";
import type { OpenTransport } from "./answer.js";
import { details } from "./error.js";

/** Creates a transport of Connect with the options of a test case. It closes its connections when it is disposed of. */
export function openConnect(request: ClientCompatRequest): OpenTransport {
  const { host, port, messageReceiveLimit, httpVersion } = request;
  const baseUrl = `http://${host}:${port}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const versioned =
    httpVersion === HTTPVersion.HTTP_VERSION_1
      ? { httpVersion: "1.1" as const }
      : { httpVersion: "2" as const, sessionManager };
  const transport = protocolOf(request)({
    ...versioned,
    baseUrl,
    useBinaryFormat: request.codec === Codec.PROTO,
    useHttpGet: request.useGetHttpMethod,
    acceptCompression: [compressionGzip],
    sendCompression: request.compression === Compression.GZIP ? compressionGzip : undefined,
    // The suite wants empty messages compressed, too.
    compressMinBytes: -1,
    readMaxBytes: messageReceiveLimit || undefined,
    jsonOptions: { registry: createRegistry(file_connectrpc_conformance_v1_service) },
  } as ConnectTransportOptions);
  const connected = connectTransport(transport, { registry: details, retry: false });
  return {
    // Connect's own option says how requests are compressed.
    start: (call, listener) => connected.start({ ...call, compression: undefined }, listener),
    [Symbol.asyncDispose]: async () => sessionManager.abort(),
  };
}

type Create = (options: ConnectTransportOptions) => ConnectTransport;

function protocolOf({ protocol }: ClientCompatRequest): Create {
  const create = protocols[protocol];
  if (create === undefined) throw new Error(`The protocol ${Protocol[protocol]} is not supported`);
  return create;
}

const protocols: Readonly<Partial<Record<Protocol, Create>>> = {
  [Protocol.CONNECT]: createConnectTransport,
  [Protocol.GRPC]: (options) => createGrpcTransport(options as never),
  [Protocol.GRPC_WEB]: createGrpcWebTransport,
};
