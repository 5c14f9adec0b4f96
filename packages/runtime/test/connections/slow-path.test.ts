import { createConnection, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { collect, connect, startServer, startTcpServer } from "../harness.js";

const MESSAGES = 200;
const data = new Uint8Array(16_000);
/** 800 kB/s. */
const CHUNK_BYTES = 8000;
const CHUNK_MS = 10;

/**
 * Passes on what it reads in small chunks, so that what is on its way takes longer than a ping may take.
 * Returns a function that stops that.
 */
function passSlowly(from: Socket, to: Socket): () => void {
  const timer = setInterval(() => {
    const chunk = from.read(CHUNK_BYTES) ?? from.read();
    if (chunk !== null) to.write(chunk);
  }, CHUNK_MS);
  return () => clearInterval(timer);
}

test("a closing connection is not cut while requests arrive steadily", async () => {
  const { port, server } = await startServer(
    {
      async clientStream(messages) {
        return { text: `${(await collect(messages)).length}` };
      },
    },
    { maxConnectionAge: 200, keepalive: { time: 300, timeout: 100 } },
  );
  const path = await startTcpServer((near) => {
    const far = createConnection({ host: "127.0.0.1", port });
    const stops = [passSlowly(near, far), passSlowly(far, near)];
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on("error", () => {});
      socket.on("close", () => {
        for (const stop of stops) stop();
        other.destroy();
      });
    }
  });
  const response = connect(path.address).clientStream(Array.from({ length: MESSAGES }, () => ({ data })));
  await sleep(600);
  expect(server.snapshot().connections.list).toMatchObject([{ closing: true }]);
  expect(await response).toMatchObject({ text: `${MESSAGES}` });
});
