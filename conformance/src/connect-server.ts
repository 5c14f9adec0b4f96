import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createRegistry } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { connectRoutes } from "@grpclib-ts/runtime/connect";
import { frameMessage, readMessages } from "./framing.js";
import { HTTPVersion } from "./gen/connectrpc/conformance/v1/config_pb.js";
import {
  type ServerCompatRequest,
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "./gen/connectrpc/conformance/v1/server_compat_pb.js";
import { file_connectrpc_conformance_v1_service } from "./gen/connectrpc/conformance/v1/service_pb.js";
import { Conformance } from "./server/conformance.js";
import { tlsOf } from "./server/tls.js";

// Starts the server that the only message on standard input describes, writes its address, and runs until a signal.
for await (const request of readMessages(ServerCompatRequestSchema, process.stdin)) {
  const server = serve(request).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { address: host, port } = server.address() as AddressInfo;
  const pemCert = request.serverCreds?.cert;
  process.stdout.write(frameMessage(ServerCompatResponseSchema, { host, port, pemCert }));
}

/** The services of the suite behind Connect's adapter, on a server of Node for the version of HTTP. */
function serve(request: ServerCompatRequest) {
  const listener = connectNodeAdapter({
    routes: connectRoutes([new Conformance()], { onError: () => {} }),
    readMaxBytes: request.messageReceiveLimit || undefined,
    jsonOptions: { registry: createRegistry(file_connectrpc_conformance_v1_service) },
  });
  const tls = tlsOf(request);
  if (request.httpVersion === HTTPVersion.HTTP_VERSION_1) {
    return tls === undefined ? createServer(listener) : createHttpsServer(tls, listener);
  }
  return tls === undefined ? createHttp2Server(listener) : createSecureServer(tls, listener);
}
