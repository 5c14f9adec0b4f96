import { expect, test } from "vitest";
import { FrameConnection } from "../frames/frame-connection.js";
import { headers, reset, settings } from "../frames/frames.js";
import { requestFields } from "../frames/grpc.js";
import { startServer } from "../harness.js";

/** Node 20 ends a connection after 1,000 resets in a burst, and cannot be told otherwise. */
const resets = Number.parseInt(process.versions.node, 10) < 22 ? 900 : 5000;

test(`a client may cancel ${resets} calls at once`, async () => {
  const { port } = await startServer({
    async *bidi(_requests, { signal }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
  });
  const connection = await FrameConnection.connect(port);
  let closed = false;
  void connection.closed.then(() => {
    closed = true;
  });
  connection.send(settings());
  for (let call = 0; call < resets; call++) {
    const stream = 2 * call + 1;
    connection.send(headers(stream, requestFields("Bidi")), reset(stream, 8));
    if (call % 100 === 0) await connection.roundTrip();
  }
  await connection.roundTrip();
  expect(closed).toBe(false);
  connection.socket.destroy();
  await connection.closed;
});
