import { expect, test } from "vitest";
import { encodeFrame } from "../frames/frame.js";
import { goaway } from "../frames/frames.js";
import { moment, startServer } from "../harness.js";
import { paths, RawClient } from "./raw-client.js";

// A GOAWAY names the last stream that its receiver opened. Clients of grpc-go name their own last stream instead, which
// nghttp2 treats as a protocol violation.
const goodbye = encodeFrame(goaway(1, 0));

test("the GOAWAY of a closing grpc-go client is not reported", async () => {
  const { address, reports } = await startServer({ unary: () => ({ text: "answer" }) });
  const client = new RawClient(address);
  await client.request({ headers: { ":path": paths.unary } });
  const closed = new Promise((resolve) => client.socket.once("close", resolve));
  client.socket.write(goodbye);
  await closed;
  expect(reports.take()).toEqual([]);
});

test("the handler of a call that it ends gets a StreamTerminatedError", async () => {
  const running = moment();
  const aborted = moment<unknown>();
  const { address, reports } = await startServer({
    unary: (_request, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          aborted.happens(signal.reason);
          reject(signal.reason);
        });
        running.happens();
      }),
  });
  const client = new RawClient(address);
  client.open({ headers: { ":path": paths.unary } });
  await running.promise;
  client.socket.write(goodbye);
  expect(await aborted.promise).toMatchObject({ name: "StreamTerminatedError" });
  expect(reports.take()).toEqual([]);
});
