import { constants } from "node:http2";
import { expect, test } from "vitest";
import { Status } from "../../src/index.js";
import type { CallEnd } from "../../src/transport.js";
import { FrameType, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, reset, settings } from "../frames/frames.js";
import { responseFields, responseMessage } from "../frames/grpc.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { openChannel, rejection, startTcpServer, unusedPort } from "../harness.js";
import { copying } from "../transport/copying.js";
import { type Script, startPeer } from "./raw-server.js";

/** How a call ends, as the transport reports it. */
async function endOf(address: string, options = {}): Promise<CallEnd | undefined> {
  let end: CallEnd | undefined;
  const transport = copying(openChannel(address), {
    onEnd: (reported) => {
      end = reported;
    },
  });
  await rejection(new TestServiceStub(transport).unary({}, options));
  return end;
}

const refuse: Script = (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM);

test("a call that the server refuses has not been processed", async () => {
  const { address } = await startPeer(refuse);
  expect(await endOf(address)).toMatchObject({ status: Status.UNAVAILABLE, unprocessed: "refused" });
});

test("a call that the server refuses after it has answered has been processed", async () => {
  const { address } = await startTcpServer((socket) => {
    new FrameConnection(socket, preface.length, ({ type, stream }, connection) => {
      if (type !== FrameType.HEADERS) return;
      connection.send(headers(stream, responseFields), data(stream, responseMessage()), reset(stream, 7));
    }).send(settings());
  });
  const end = await endOf(address);
  expect(end).toMatchObject({ status: Status.UNAVAILABLE, message: expect.stringContaining("REFUSED_STREAM") });
  expect(end?.unprocessed).toBeUndefined();
});

test("a call that finds no connection is unsent", async () => {
  const end = await endOf(`http://127.0.0.1:${await unusedPort()}`);
  expect(end).toMatchObject({ status: Status.UNAVAILABLE, unprocessed: "unsent" });
});

test("a call on a closed channel is not for another attempt", async () => {
  const channel = openChannel("http://127.0.0.1:1");
  await channel.close();
  let end: CallEnd | undefined;
  const transport = copying(channel, {
    onEnd: (reported) => {
      end = reported;
    },
  });
  await rejection(new TestServiceStub(transport).unary({}));
  expect(end).toMatchObject({ status: Status.CANCELLED });
  expect(end?.unprocessed).toBeUndefined();
});
