// A server to be fuzzed. It does not handle uncaught errors or call exit(), for the reasons in
// attacks/programs/server.ts.
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import type { ServerContext } from "../../../src/index.js";
import { Server } from "../../../src/node.js";
import { handle, only } from "../../attacks/handlers.js";
import { TestServiceBase } from "../../gen/test/v1/test_grpclib.js";
import type { TestRequest } from "../../gen/test/v1/test_pb.js";
import type { News, Order } from "../protocol.js";
import { remains } from "./remains.js";

let handlers = 0;

async function* work(context: ServerContext, requests?: AsyncIterable<TestRequest>) {
  handlers += 1;
  try {
    yield* handle(context, requests);
  } finally {
    handlers -= 1;
  }
}

const service = TestServiceBase.of({
  unary: ({ text }, context) => (text === "good" ? { text } : only(work(context))),
  serverStream: (_request, context) => work(context),
  clientStream: (requests, context) => only(work(context, requests)),
  bidi: (requests, context) => work(context, requests),
});

// Violations by peers are reported, as they should be, but would fill the terminal here.
/** Attackers use pings to wait until the server has read what they sent. */
const keepalive = { enforce: { minTime: 0 } };
const server = new Server([service], { keepalive, onError: () => {} });
const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
const tell = (news: News) => process.send?.(news);
tell({ news: "ready", port });

// After a fatal error on a connection, node:http2 of Node 20 no longer notices that its socket has closed, in any
// program. Close such sockets here, so that the fuzzer finds everything else that is left behind.
const deaf = Number.parseInt(process.versions.node, 10) < 22;
const sockets = new Set<Socket>();
subscribe("net.server.socket", (message) => {
  const { socket } = message as { readonly socket: Socket };
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
});

async function obey({ order }: Order): Promise<void> {
  if (order === "remains" && deaf) for (const socket of sockets) socket.destroy();
  if (order === "remains") tell({ news: "remains", remains: await remains(() => handlers) });
  if (order === "close") {
    await server.close({ grace: 1000 });
    process.disconnect();
  }
}

process.on("message", (order: Order) => void obey(order));
