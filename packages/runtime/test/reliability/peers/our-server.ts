import { GRPCError, Status } from "../../../src/index.js";
import { Server } from "../../../src/node.js";
import { TestServiceBase } from "../../gen/test/v1/test_grpclib.js";
import { detailsOf, extrasFor } from "../extras.js";
import type { ServerOptions } from "../server-process.js";
import type { Work } from "../work.js";

/** Starts a server of this library. */
export async function startOurServer(work: Work, { port = 0, maxConcurrentStreams = 1000, prints }: ServerOptions) {
  const service = TestServiceBase.of({
    async unary(request, context) {
      const response = await work.unary(request);
      const { initial, trailing = {}, failure } = extrasFor(request.text);
      if (initial !== undefined) context.sendInitialMetadata(initial);
      for (const [key, value] of Object.entries(trailing)) context.trailingMetadata.set(key, value);
      if (failure === undefined) return response;
      throw new GRPCError(Status.INVALID_ARGUMENT, failure.message, [...detailsOf(failure)]);
    },
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
  const server = new Server([service], { maxConcurrentStreams, ...(!prints && { onError: () => {} }) });
  const address = await server.listen({ host: "127.0.0.1", port });
  return { port: address.port, close: () => server.close() };
}
