import { expect, test } from "vitest";
import { CONTENT_TYPE, isGrpcContentType } from "../../src/wire/content-type.js";

test.for([
  [CONTENT_TYPE, true],
  ["application/grpc", true],
  ["application/grpc+proto", true],
  ["application/grpc;charset=utf-8", true],
  ["application/grpc; charset=utf-8", true],
  ["application/grpc ; charset=utf-8", true],
  ["application/grpc+proto;a=b;c=d", true],
  ["application/grpc;", true],
  ["Application/GRPC+Proto", true],
  [undefined, false],
  ["", false],
  ["application/grpc+json", false],
  ["application/grpc+proto2", false],
  ["application/grpc+", false],
  ["application/grpc+proto+json", false],
  ["application/grpc-web", false],
  ["application/grpc-web+proto", false],
  ["application/grpcx", false],
  ["application/grpc proto", false],
  [" application/grpc", false],
  ["text/html, application/grpc", false],
  ["text/html; charset=utf-8", false],
  ["application/json", false],
  ["application/proto", false],
] as const)("whether content-type %j means gRPC: %s", ([contentType, grpc]) => {
  expect(isGrpcContentType(contentType)).toBe(grpc);
});
