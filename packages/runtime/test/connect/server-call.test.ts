import { createHandlerContext } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { ConnectServerCall } from "../../src/connect/server-call.js";
import { describeMethod } from "../../src/core/method.js";
import { Status } from "../../src/index.js";
import type { IncomingCall, RequestListener } from "../../src/transport.js";
import { TestService } from "../gen/test/v1/test_pb.js";

const silent: AsyncIterable<never> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };

/** Starts a call whose client says nothing more. @returns what the server's side is told */
function start(onHandle: (call: IncomingCall) => void): { readonly call: IncomingCall; readonly told: string[] } {
  const told: string[] = [];
  const listener: RequestListener = {
    onMessage: () => void told.push("message"),
    onMessagesEnd: () => void told.push("end of the requests"),
    onDrain: () => {},
    onFailure: () => void told.push("failure"),
    onClientLost: () => void told.push("lost"),
  } as RequestListener;
  const desc = TestService.method.clientStream;
  const context = createHandlerContext({
    service: desc.parent,
    method: desc,
    protocolName: "connect",
    requestMethod: "POST",
    url: "http://localhost/",
  });
  const route = {
    method: describeMethod(desc),
    handle(call: IncomingCall) {
      onHandle(call);
      return listener;
    },
  };
  const call = new ConnectServerCall(route as never, silent, context);
  call.start({ metadata: undefined } as never);
  return { call, told };
}

test("after the end of a call, a pull is answered", async () => {
  const { call, told } = start(() => {});
  call.finish({ status: Status.OK });
  call.pull();
  await Promise.resolve();
  await Promise.resolve();
  expect(told).toEqual(["end of the requests"]);
});

test("a pull of a call that ends before handle() has returned is answered", async () => {
  const { told } = start((call) => {
    call.pull();
    call.finish({ status: Status.OK });
  });
  await Promise.resolve();
  await Promise.resolve();
  expect(told).toEqual(["end of the requests"]);
});

test("a pending pull is answered once when the call ends", async () => {
  const { call, told } = start((started) => started.pull());
  await Promise.resolve();
  call.finish({ status: Status.OK });
  await Promise.resolve();
  await Promise.resolve();
  expect(told).toEqual(["end of the requests"]);
});
