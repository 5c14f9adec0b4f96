import { fileURLToPath } from "node:url";
import { fastifyConnectPlugin } from "@connectrpc/connect-fastify";
import fastifyStatic from "@fastify/static";
import { connectRoutes } from "@grpclib-ts/runtime/connect";
import { type FastifyInstance, fastify } from "fastify";
import type { LibraryServiceBase } from "../gen/webform/v1/library_grpclib.js";

/** Where the build puts the page, as seen from dist/server. */
const page = fileURLToPath(new URL("../site", import.meta.url));

/** A server for the page and for the calls that it makes. */
export async function createServer(library: LibraryServiceBase): Promise<FastifyInstance> {
  // A page keeps a stream open for as long as it is shown. Without this, close() would wait for it.
  const server = fastify({ forceCloseConnections: true });
  await server.register(fastifyConnectPlugin, { routes: connectRoutes([library]) });
  await server.register(fastifyStatic, { root: page });
  return server;
}
