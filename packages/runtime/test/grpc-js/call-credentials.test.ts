import { type CallCredentials, credentials, Metadata } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import type { ServerContext } from "../../src/index.js";
import { selfSigned } from "../calls/certificate.js";
import { handleAll } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { rejection, startServer } from "../harness.js";
import { openGrpcJs } from "./open.js";

const tls = selfSigned();

/** A stub for a server that answers with the `authorization` of the call. */
async function stubWith(callCredentials: CallCredentials): Promise<TestServiceStub> {
  const handlers = handleAll(({ metadata }: ServerContext) => ({ text: String(metadata.get("authorization")) }));
  const { port } = await startServer(handlers, { listen: { tls } });
  const channelCredentials = credentials.createSsl(Buffer.from(tls.cert));
  const both = credentials.combineChannelCredentials(channelCredentials, callCredentials);
  return new TestServiceStub(openGrpcJs(`dns:///localhost:${port}`, {}, both));
}

test("call credentials of grpc-js add metadata to each call", async () => {
  let calls = 0;
  const stub = await stubWith(
    credentials.createFromMetadataGenerator(({ service_url }, callback) => {
      calls += 1;
      const metadata = new Metadata();
      metadata.set("authorization", `${new URL(service_url).pathname} ${calls}`);
      callback(null, metadata);
    }),
  );
  expect((await stub.unary({})).text).toBe("/test.v1.TestService 1");
  expect((await stub.unary({})).text).toBe("/test.v1.TestService 2");
});

test("a call whose credentials fail is an error of this side, which says why", async () => {
  const stub = await stubWith(
    credentials.createFromMetadataGenerator((_, callback) => callback(new Error("no token"))),
  );
  expect(await rejection(stub.unary({}))).toMatchObject({
    origin: "client",
    message: "Getting metadata from plugin failed with error: no token",
  });
});
