import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Metadata, type MethodDefinition } from "@grpc/grpc-js";
import type { Init } from "../../src/index.js";
import type { Kind } from "../calls/kinds.js";
import { type TestRequest, type TestResponse, TestService } from "../gen/test/v1/test_pb.js";

/** The methods of the test service, as grpc-js defines them; messages can be given as init shapes. */
export const definition: Record<Kind, MethodDefinition<Init<TestRequest>, Init<TestResponse>>> = {
  unary: define("unary"),
  serverStream: define("serverStream"),
  clientStream: define("clientStream"),
  bidi: define("bidi"),
};

function define(kind: Kind): MethodDefinition<Init<TestRequest>, Init<TestResponse>> {
  const method = TestService.method[kind];
  return {
    path: `/${TestService.typeName}/${method.name}`,
    requestStream: kind === "clientStream" || kind === "bidi",
    responseStream: kind === "serverStream" || kind === "bidi",
    ...codec("request", method.input),
    ...codec("response", method.output),
  } as MethodDefinition<Init<TestRequest>, Init<TestResponse>>;
}

function codec(name: string, schema: DescMessage) {
  return {
    [`${name}Serialize`]: (message: object) => Buffer.from(toBinary(schema, create(schema, message as never))),
    [`${name}Deserialize`]: (bytes: Buffer) => fromBinary(schema, bytes),
  };
}

/** Metadata of grpc-js. */
export function metadataOf(pairs: Readonly<Record<string, string | Buffer>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(pairs)) metadata.set(key, value);
  return metadata;
}
