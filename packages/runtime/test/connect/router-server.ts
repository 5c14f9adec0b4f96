import { once } from "node:events";
import { createServer as createHttp1Server } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { type ConnectRouter, createRouterTransport, type ServiceImpl, type Transport } from "@connectrpc/connect";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";
import { onTestFinished } from "vitest";
import { TestService } from "../gen/test/v1/test_pb.js";

/** Handlers of the test service as Connect's own routers take them, with nothing of this library. */
export type RouterHandlers = Partial<ServiceImpl<typeof TestService>>;

const routesOf = (handlers: RouterHandlers) => (router: ConnectRouter) => void router.service(TestService, handlers);

async function serveHttp1(handlers: RouterHandlers): Promise<string> {
  const server = createHttp1Server(node.connectNodeAdapter({ routes: routesOf(handlers) }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serveHttp2(
  handlers: RouterHandlers,
): Promise<{ baseUrl: string; sessionManager: node.Http2SessionManager }> {
  const server = createHttp2Server(node.connectNodeAdapter({ routes: routesOf(handlers) }));
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sessionManager = new node.Http2SessionManager(baseUrl);
  onTestFinished(() => {
    sessionManager.abort();
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { baseUrl, sessionManager };
}

/** Starts a server with these handlers, and creates a transport of Connect to it. */
export type Start = (handlers: RouterHandlers) => Promise<Transport>;

/** Transports that carry streams of responses only, as in browsers. */
export const overFetch: Readonly<Record<string, Start>> = {
  "Connect, fetch": async (handlers) => web.createConnectTransport({ baseUrl: await serveHttp1(handlers) }),
  "Connect, fetch, binary": async (handlers) =>
    web.createConnectTransport({ baseUrl: await serveHttp1(handlers), useBinaryFormat: true }),
  "gRPC-Web, fetch": async (handlers) => web.createGrpcWebTransport({ baseUrl: await serveHttp1(handlers) }),
};

/** Transports that carry streams both ways. */
export const bothWays: Readonly<Record<string, Start>> = {
  "Connect, HTTP/2": async (handlers) =>
    node.createConnectTransport({ httpVersion: "2", ...(await serveHttp2(handlers)) }),
  "gRPC-Web, HTTP/2": async (handlers) =>
    node.createGrpcWebTransport({ httpVersion: "2", ...(await serveHttp2(handlers)) }),
  "gRPC, HTTP/2": async (handlers) => node.createGrpcTransport(await serveHttp2(handlers)),
  router: async (handlers) => createRouterTransport(routesOf(handlers)),
};
