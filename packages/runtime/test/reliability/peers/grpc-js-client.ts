import { credentials, Client as GrpcJsClient, Metadata, type ServiceError } from "@grpc/grpc-js";
import type { TestResponse } from "../../gen/test/v1/test_pb.js";
import { definition } from "../../peers/grpc-js-definition.js";
import type { Answer, Client, ClientOptions } from "../libraries.js";

/** A client of grpc-js. */
export function connectGrpcJs(port: number, { keepalive }: ClientOptions): Client {
  const client = new GrpcJsClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    ...(keepalive && { "grpc.keepalive_time_ms": keepalive.time, "grpc.keepalive_timeout_ms": keepalive.timeout }),
  });
  const { unary, serverStream } = definition;
  return {
    call(text, { work: number = 0, timeout } = {}) {
      const options = timeout === undefined ? {} : { deadline: Date.now() + timeout };
      return new Promise<Answer>((resolve) => {
        const done = (error: ServiceError | null, response?: TestResponse) =>
          resolve({ status: error?.code ?? 0, text: response?.text ?? "" });
        const request = { text, number };
        const { path, requestSerialize, responseDeserialize } = unary;
        const deserialize = responseDeserialize as (bytes: Buffer) => TestResponse;
        client.makeUnaryRequest(path, requestSerialize, deserialize, request, new Metadata(), options, done);
      });
    },
    async read(count, pause) {
      const { path, requestSerialize, responseDeserialize } = serverStream;
      const request = { number: count };
      const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
      const status = new Promise<number>((resolve) => call.on("status", ({ code }) => resolve(code)));
      try {
        for await (const _ of call) await pause();
      } catch {
        // The status tells the outcome.
      }
      return await status;
    },
    close: () => client.close(),
  };
}
