import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { type ConnectRouter, createConnectRouter, type Transport } from "@connectrpc/connect";
import { createFetchHandler } from "@connectrpc/connect/protocol";
import { expressConnectMiddleware } from "@connectrpc/connect-express";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import * as node from "@connectrpc/connect-node";
import * as web from "@connectrpc/connect-web";
import express from "express";
import { fastify } from "fastify";
import { onTestFinished } from "vitest";

type Routes = (router: ConnectRouter) => void;

/** Serves routes, and creates a transport of Connect to them. */
export type Start = (routes: Routes) => Promise<Transport>;

/** What answers requests as edge runtimes pass them: without a server, and without anything of Node. */
export function fetchHandler(routes: Routes): typeof fetch {
  const router = createConnectRouter();
  routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, createFetchHandler(handler)]));
  return async (input, init) => {
    const request = new Request(input, init);
    return (await handlers.get(new URL(request.url).pathname)?.(request)) ?? new Response(null, { status: 404 });
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const overHttp1 = async (listener: RequestListener) =>
  node.createConnectTransport({ httpVersion: "1.1", baseUrl: await listen(createHttpServer(listener)) });

/** Starts an HTTP/2 server behind Connect's adapter. @returns its address */
export async function startHttp2(routes: Routes, options: object = {}): Promise<string> {
  const server = createHttp2Server(node.connectNodeAdapter({ routes, ...options }));
  const closed = new AbortController();
  server.on("session", (session) => closed.signal.addEventListener("abort", () => session.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    closed.abort();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Creates the transport to an HTTP/2 server. Its connection is closed when the test is over. */
function overHttp2(create: (options: node.GrpcTransportOptions) => Transport): Start {
  return async (routes) => {
    const baseUrl = await startHttp2(routes);
    const sessionManager = new node.Http2SessionManager(baseUrl);
    onTestFinished(() => sessionManager.abort());
    return create({ baseUrl, sessionManager });
  };
}

async function startFastify(routes: Routes): Promise<Transport> {
  const server = fastify({ forceCloseConnections: true });
  onTestFinished(() => server.close());
  await server.register(fastifyConnectPlugin, { routes });
  return node.createConnectTransport({
    httpVersion: "1.1",
    baseUrl: await server.listen({ host: "127.0.0.1", port: 0 }),
  });
}

/** Sends a timeout, in milliseconds, with calls that the client itself does not limit. */
export function withTimeout({ unary, stream }: Transport, timeout: number): Transport {
  const extended = (init: HeadersInit | undefined) => {
    const headers = new Headers(init);
    headers.set("connect-timeout-ms", `${timeout}`);
    headers.set("grpc-timeout", timeout < 1e8 ? `${timeout}m` : `${Math.ceil(timeout / 1000)}S`);
    return headers;
  };
  return {
    unary: (method, signal, _, header, ...input) => unary(method, signal, undefined, extended(header), ...input),
    stream: (method, signal, _, header, ...input) => stream(method, signal, undefined, extended(header), ...input),
  };
}

/** Everything that can serve routes, with each protocol. */
export const backends: Readonly<Record<string, Start>> = {
  "fetch handler, Connect": async (routes) =>
    web.createConnectTransport({ baseUrl: "http://edge", fetch: fetchHandler(routes), useBinaryFormat: true }),
  "fetch handler, Connect with JSON": async (routes) =>
    web.createConnectTransport({ baseUrl: "http://edge", fetch: fetchHandler(routes) }),
  "fetch handler, gRPC-Web": async (routes) =>
    web.createGrpcWebTransport({ baseUrl: "http://edge", fetch: fetchHandler(routes) }),
  "HTTP/1.1, Connect": (routes) => overHttp1(node.connectNodeAdapter({ routes })),
  "HTTP/1.1, gRPC-Web": async (routes) =>
    node.createGrpcWebTransport({
      httpVersion: "1.1",
      baseUrl: await listen(createHttpServer(node.connectNodeAdapter({ routes }))),
    }),
  "HTTP/2, Connect": overHttp2((options) => node.createConnectTransport({ httpVersion: "2", ...options })),
  "HTTP/2, gRPC-Web": overHttp2((options) => node.createGrpcWebTransport({ httpVersion: "2", ...options })),
  "HTTP/2, gRPC": overHttp2((options) => node.createGrpcTransport(options)),
  express: (routes) => overHttp1(express().use(expressConnectMiddleware({ routes }))),
  fastify: startFastify,
};
