import { Readable, Writable } from "node:stream";
import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import {
  Client,
  type ClientOptions,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { type Status as RpcStatus, StatusSchema } from "../../src/gen/google/rpc/status_pb.js";
import type { Init } from "../../src/index.js";
import type { Kind } from "../calls/kinds.js";
import type { TestRequest, TestResponse } from "../gen/test/v1/test_pb.js";
import { definition } from "./grpc-js-definition.js";

/** The outcome of a call of grpc-js. */
export interface Outcome {
  readonly responses: readonly TestResponse[];
  readonly headers: Metadata;
  /** Status, text and trailing metadata. */
  readonly status: { readonly code: number; readonly details: string; readonly metadata: Metadata };
}

/**
 * Options of a channel that shares nothing with those of earlier tests. Without them, it would wait until the one that
 * has failed to connect to the same port tries again: a port is soon given out once more, and grpc-js goes on
 * connecting for channels that are closed before they know their address.
 */
export const unshared = { "grpc.use_local_subchannel_pool": 1 } as const;

/** A client of grpc-js, closed when the test is over. */
export function startClient(address: string, options: ClientOptions = {}): Client {
  const target = address.replace("http://", "");
  const client = new Client(target, credentials.createInsecure(), { ...unshared, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** Options of {@link callWith}. */
export interface CallWithOptions {
  readonly requests?: readonly Init<TestRequest>[];
  readonly metadata?: Metadata;
  readonly deadline?: Date;
  /** Default: that of the kind. */
  readonly path?: string;
  /** Called once the call has been started, and with each response. */
  readonly onStart?: (call: { cancel(): void }) => void;
}

/** Makes a call with grpc-js, and waits for its end. Never rejects. */
export async function callWith(client: Client, kind: Kind, options: CallWithOptions = {}): Promise<Outcome> {
  const { requests = [{}], metadata = new Metadata(), deadline, onStart } = options;
  const { requestSerialize, responseDeserialize, path: ownPath } = definition[kind];
  const deserialize = responseDeserialize as (bytes: Buffer) => TestResponse;
  const path = options.path ?? ownPath;
  const callOptions = deadline === undefined ? {} : { deadline };
  const responses: TestResponse[] = [];
  let headers = new Metadata();
  const status = await new Promise<Outcome["status"]>((resolve) => {
    const done = (_error: ServiceError | null, response?: TestResponse) => {
      if (response !== undefined) responses.push(response);
    };
    const request = requests[0] ?? {};
    const call = {
      unary: () => client.makeUnaryRequest(path, requestSerialize, deserialize, request, metadata, callOptions, done),
      serverStream: () =>
        client.makeServerStreamRequest(path, requestSerialize, deserialize, request, metadata, callOptions),
      clientStream: () =>
        client.makeClientStreamRequest(path, requestSerialize, deserialize, metadata, callOptions, done),
      bidi: () => client.makeBidiStreamRequest(path, requestSerialize, deserialize, metadata, callOptions),
    }[kind]();
    call.on("metadata", (received: Metadata) => {
      headers = received;
    });
    // With a single response, "status" can be emitted before the callback runs.
    call.on("status", (received) => setImmediate(() => resolve(received)));
    if (call instanceof Readable) {
      call.on("data", (response: TestResponse) => responses.push(response));
      call.on("error", () => {});
    }
    if (call instanceof Writable) {
      for (const each of requests) call.write(each);
      call.end();
    }
    onStart?.(call);
  });
  return { responses, headers, status };
}

/** A server of grpc-js with these handlers, closed when the test is over. */
export async function startGrpcJsServer(handlers: UntypedServiceImplementation): Promise<string> {
  const server = new Server();
  server.addService(definition as never, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  onTestFinished(() => server.forceShutdown());
  return `http://127.0.0.1:${port}`;
}

/** The `google.rpc.Status` in the trailing metadata of a call. */
export function richStatus(metadata: Metadata): RpcStatus | undefined {
  const [bytes] = metadata.get("grpc-status-details-bin");
  return bytes instanceof Buffer ? fromBinary(StatusSchema, bytes) : undefined;
}

/** Trailing metadata with a `google.rpc.Status`, as servers of grpc-js send it. */
export function richMetadata(
  status: { readonly code: number; readonly message: string },
  details: readonly (readonly [schema: DescMessage, message: Message])[],
): Metadata {
  const packed = details.map(([schema, message]) =>
    create(AnySchema, {
      typeUrl: `type.googleapis.com/${schema.typeName}`,
      value: toBinary(schema, message),
    }),
  );
  const metadata = new Metadata();
  const bytes = toBinary(StatusSchema, create(StatusSchema, { ...status, details: packed }));
  metadata.set("grpc-status-details-bin", Buffer.from(bytes));
  return metadata;
}
