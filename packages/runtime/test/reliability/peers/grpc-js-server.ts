import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import type { TestRequest } from "../../gen/test/v1/test_pb.js";
import { definition, metadataOf } from "../../peers/grpc-js-definition.js";
import { detailsPair, extrasFor } from "../extras.js";
import type { ServerOptions } from "../server-process.js";
import type { Work } from "../work.js";

type Response = { readonly text?: string; readonly number?: number; readonly data?: Uint8Array };

/** Starts a server of grpc-js. */
export async function startGrpcJsServer(work: Work, { port = 0, maxConcurrentStreams = 1000 }: ServerOptions) {
  const server = new Server({ "grpc.max_concurrent_streams": maxConcurrentStreams });
  server.addService(definition as never, {
    unary(call: ServerUnaryCall<TestRequest, Response>, done: sendUnaryData<Response>) {
      work.unary(call.request).then((response) => {
        const { initial, trailing = {}, failure } = extrasFor(call.request.text);
        if (initial !== undefined) call.sendMetadata(metadataOf(initial));
        if (failure === undefined) return done(null, response, metadataOf(trailing));
        const error = { code: status.INVALID_ARGUMENT, details: failure.message };
        done(error, null, metadataOf({ ...trailing, ...detailsPair(failure) }));
      }, done);
    },
    async serverStream(call: ServerWritableStream<TestRequest, Response>) {
      for (const message of work.messages(call.request)) {
        if (call.cancelled) return;
        if (!call.write(message)) await new Promise((resolve) => call.once("drain", resolve));
      }
      call.end();
    },
    clientStream(call: ServerReadableStream<TestRequest, Response>, done: sendUnaryData<Response>) {
      let number = 0;
      call.on("data", ({ data }: TestRequest) => {
        number += data.length;
      });
      call.on("error", () => {});
      call.on("end", () => done(null, { number }));
    },
    bidi(call: ServerDuplexStream<TestRequest, Response>) {
      call.on("data", ({ text }: TestRequest) => call.write({ text }));
      call.on("error", () => {});
      call.on("end", () => call.end());
    },
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, found) =>
      error === null ? resolve(found) : reject(error),
    );
  });
  const close = () => new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  return { port: bound, close };
}
