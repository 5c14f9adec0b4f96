import { once } from "node:events";
import { createServer } from "node:http2";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { EchoService } from "../../gen/bench/v1/echo_pb.js";

const handlers = {
  async echo(request) {
    return request;
  },
  async copy(request) {
    return request;
  },
  async *download({ note, count }) {
    for (let i = 0; i < count; i++) yield note;
  },
  async upload(requests) {
    let count = 0;
    for await (const _ of requests) count += 1;
    return { count };
  },
  async *chat(requests) {
    yield* requests;
  },
};

/** @returns the port */
export async function serve() {
  const server = createServer(connectNodeAdapter({ routes: (router) => router.service(EchoService, handlers) }));
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  return server.address().port;
}
