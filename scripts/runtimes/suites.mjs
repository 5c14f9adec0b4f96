import { nodeVersions, oldestNode } from "../lib/nodes.mjs";
import { bun, deno, node, otherNodes } from "./installed.mjs";
import { fetchServer, http2Server, workerd } from "./servers.mjs";
import { makeSuite } from "./suite.mjs";

const guests = [bun, deno];
const servers = new Map([node, ...otherNodes, ...guests].map((runtime) => [runtime, http2Server(runtime)]));
const handlers = new Map(guests.map((runtime) => [runtime, fetchServer(runtime)]));

const grpc = (client, server) => ({ client, server: servers.get(server), protocol: "grpc" });

/** Calls of `Channel` to `Server`. */
export const http2 = makeSuite(
  [
    ...[node, ...otherNodes].map((runtime) => grpc(runtime, runtime)),
    ...guests.flatMap((runtime) => [grpc(runtime, node), grpc(node, runtime), grpc(runtime, runtime)]),
  ],
  {
    [`Node ${Number.parseInt(oldestNode, 10)} to ${nodeVersions.at(-1)}`]: ({ client, server }) =>
      !guests.some((runtime) => runtime === client || servers.get(runtime) === server),
    ...Object.fromEntries(
      guests.flatMap((runtime) => [
        [`${runtime.name} as client`, ({ client }) => client === runtime],
        [`${runtime.name} as server`, ({ server }) => server === servers.get(runtime)],
      ]),
    ),
  },
);

/** Calls to fetch handlers. */
export const overFetch = makeSuite(
  [
    ...guests.flatMap((runtime) => [
      { client: node, server: handlers.get(runtime), protocol: "connect" },
      { client: runtime, server: handlers.get(runtime), protocol: "grpc-web" },
    ]),
    { client: node, server: workerd, protocol: "connect" },
    { client: node, server: workerd, protocol: "grpc-web" },
  ],
  Object.fromEntries(
    [...handlers.values(), workerd].map((handler) => [handler.name, ({ server }) => server === handler]),
  ),
);
