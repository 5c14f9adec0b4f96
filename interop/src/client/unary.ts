import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "../gen/grpc/testing/empty_pb.js";
import type { TestServiceStub } from "../gen/grpc/testing/test_grpclib.js";
import { assertPayload, payload } from "../payload.js";
import type { Setting } from "./setting.js";

export async function emptyUnary({ test }: Setting): Promise<void> {
  assert.deepEqual(await test.emptyCall({}), create(EmptySchema));
}

export async function largeUnary({ test }: { readonly test: TestServiceStub }): Promise<void> {
  const response = await test.unaryCall({ responseSize: 314_159, payload: payload(271_828) });
  assertPayload(response.payload, 314_159);
}
