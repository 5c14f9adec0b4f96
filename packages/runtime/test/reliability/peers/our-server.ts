import { Server } from "../../../src/node.js";
import { TestServiceBase } from "../../gen/test/v1/test_grpclib.js";
import type { Work } from "../work.js";

/** Starts a server of this library. */
export async function startOurServer(work: Work, port: number, maxConcurrentStreams: number) {
  const service = TestServiceBase.of({
    unary: (request) => work.unary(request),
    serverStream: async function* (request) {
      yield* work.messages(request);
    },
    async clientStream(requests) {
      let number = 0;
      for await (const { data } of requests) number += data.length;
      return { number };
    },
    async *bidi(requests) {
      for await (const { text } of requests) yield { text };
    },
  });
  // Errors of peers are reported, as they should be, but would fill the terminal here.
  const server = new Server([service], { maxConcurrentStreams, onError: () => {} });
  const address = await server.listen({ host: "127.0.0.1", port });
  return { port: address.port, close: () => server.close() };
}
