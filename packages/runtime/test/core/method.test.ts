import { expect, test } from "vitest";
import { describeMethod } from "../../src/core/method.js";
import { TestService } from "../gen/test/v1/test_pb.js";

const { unary, serverStream, clientStream, bidi } = TestService.method;

test.for([
  { desc: unary, path: "/test.v1.TestService/Unary", singleRequest: true, singleResponse: true },
  { desc: serverStream, path: "/test.v1.TestService/ServerStream", singleRequest: true, singleResponse: false },
  { desc: clientStream, path: "/test.v1.TestService/ClientStream", singleRequest: false, singleResponse: true },
  { desc: bidi, path: "/test.v1.TestService/Bidi", singleRequest: false, singleResponse: false },
])("$path has singleRequest $singleRequest and singleResponse $singleResponse", (expected) => {
  expect(describeMethod(expected.desc)).toEqual(expected);
});
