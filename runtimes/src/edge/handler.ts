import { createConnectRouter } from "@connectrpc/connect";
import { createFetchHandler } from "@connectrpc/connect/protocol";
import { connectRoutes } from "@grpclib-ts/runtime/connect";
import { Calls } from "../calls.js";

const service = new Calls({
  serve: () => Promise.reject(new Error("A fetch handler cannot start servers")),
  close: () => {},
  cut: () => {},
});

const router = createConnectRouter();
connectRoutes([service])(router);
const handlers = new Map(router.handlers.map((each) => [each.requestPath, createFetchHandler(each)]));

/** Serves the calls as a function from `Request` to `Response`. */
export async function handler(request: Request): Promise<Response> {
  const handle = handlers.get(new URL(request.url).pathname);
  return handle === undefined ? new Response(undefined, { status: 404 }) : await handle(request);
}
