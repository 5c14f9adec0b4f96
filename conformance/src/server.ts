import { gracefulExit, Server } from "@grpclib-ts/runtime/node";
import { frameMessage, readMessages } from "./framing.js";
import {
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "./gen/connectrpc/conformance/v1/server_compat_pb.js";
import { Conformance } from "./server/conformance.js";
import { tlsOf } from "./server/tls.js";

// Starts the server that the only message on standard input describes, writes its address, and runs until a signal.
for await (const request of readMessages(ServerCompatRequestSchema, process.stdin)) {
  const server = new Server([new Conformance()], {
    // Applies only to clients that accept gzip.
    compression: "gzip",
    maxReceiveMessageBytes: request.messageReceiveLimit || undefined,
  });
  const { address: host, port } = await server.listen({ host: "127.0.0.1", port: 0, tls: tlsOf(request) });
  const pemCert = request.serverCreds?.cert;
  process.stdout.write(frameMessage(ServerCompatResponseSchema, { host, port, pemCert }));
  await gracefulExit(server, { grace: 0 });
}
