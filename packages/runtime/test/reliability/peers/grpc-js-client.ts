import {
  type ChannelCredentials,
  credentials,
  Client as GrpcJsClient,
  Metadata,
  type ServiceError,
  type StatusObject,
} from "@grpc/grpc-js";
import type { TestResponse } from "../../gen/test/v1/test_pb.js";
import { definition, metadataOf } from "../../peers/grpc-js-definition.js";
import { countViolations } from "../extras.js";
import type { Answer, Client, ClientOptions } from "../libraries.js";

/** A client of grpc-js. */
export function connectGrpcJs(port: number, { keepalive, host = "127.0.0.1", ca }: ClientOptions): Client {
  const client = new GrpcJsClient(`${host}:${port}`, credentialsFor(ca), {
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
    async examine(text, { metadata: sent = {}, timeout }) {
      const { path, requestSerialize, responseDeserialize } = unary;
      const metadata = new Map<string, unknown>();
      const collect = (received: Metadata) => {
        for (const [key, value] of Object.entries(received.getMap())) metadata.set(key, value);
      };
      const deserialize = responseDeserialize as (bytes: Buffer) => TestResponse;
      const options = { deadline: Date.now() + timeout };
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        deserialize,
        { text },
        metadataOf(sent),
        options,
        () => {},
      );
      call.on("metadata", collect);
      const {
        code,
        details,
        metadata: trailing,
      } = await new Promise<StatusObject>((resolve) => call.once("status", resolve));
      collect(trailing);
      const violations = countViolations(trailing.get("grpc-status-details-bin")[0]);
      return { status: code, message: code === 0 ? "" : details, violations, metadata };
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

function credentialsFor(ca: string | undefined): ChannelCredentials {
  if (ca === undefined) return credentials.createInsecure();
  return credentials.createSsl(Buffer.from(ca), null, null, { checkServerIdentity: () => undefined });
}
