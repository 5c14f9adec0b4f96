import { create, toBinary } from "@bufbuild/protobuf";
import type { Init } from "../../src/index.js";
import { type TestRequest, TestRequestSchema, type TestResponse, TestResponseSchema } from "../gen/test/v1/test_pb.js";
import type { Field } from "./hpack.js";

/** The headers of a call of the test service. @param method the name in the path, such as `ServerStream` */
export function requestFields(method: string, metadata: readonly Field[] = []): readonly Field[] {
  return [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", `/test.v1.TestService/${method}`],
    [":authority", "localhost"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
    ...metadata,
  ];
}

/** The headers of a response. */
export const responseFields: readonly Field[] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];

/** The trailers of a response. */
export function trailerFields(status: number): readonly Field[] {
  return [["grpc-status", `${status}`]];
}

/** A message with its prefix of five bytes. */
export function frameMessage(message: Uint8Array = new Uint8Array(0), flags = 0): Buffer {
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt8(flags, 0);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}

/** A request with its prefix. */
export function requestMessage(request: Init<TestRequest> = {}): Buffer {
  return frameMessage(toBinary(TestRequestSchema, create(TestRequestSchema, request)));
}

/** A response with its prefix. */
export function responseMessage(response: Init<TestResponse> = {}): Buffer {
  return frameMessage(toBinary(TestResponseSchema, create(TestResponseSchema, response)));
}
