import { createConnection, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { collect, connect, startServer, startTcpServer } from "../harness.js";

// A connection that is closing, over a path that takes longer to deliver what is on its way than a ping may take. Its
// calls go on as long as data or updates of the window arrive.

const MESSAGES = 100;
const data = new Uint8Array(16_000);
/** 800 kB/s. */
const CHUNK_BYTES = 8000;
const CHUNK_MS = 10;

/** Passes on what it reads in small chunks. Returns a function that stops that. */
function passSlowly(from: Socket, to: Socket): () => void {
  const timer = setInterval(() => {
    const chunk = from.read(CHUNK_BYTES) ?? from.read();
    if (chunk !== null) to.write(chunk);
  }, CHUNK_MS);
  return () => clearInterval(timer);
}

/** Connects to a server through a slow path. The server closes the connection gracefully while the call is in flight. */
async function startFarServer() {
  const requests: number[] = [];
  const { port, server } = await startServer(
    {
      async *serverStream() {
        for (let n = 0; n < MESSAGES; n++) yield { data };
      },
      async clientStream(messages) {
        for await (const { data } of messages) requests.push(data.length);
        return { text: `${requests.length}` };
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
  return { stub: connect(path.address), server };
}

test("a response that arrives steadily is not cut", async () => {
  const { stub, server } = await startFarServer();
  const responses = collect(stub.serverStream({}));
  await sleep(600);
  expect(server.snapshot().connections.list.filter(({ closing }) => !closing)).toEqual([]);
  expect(await responses).toHaveLength(MESSAGES);
});

test("requests that arrive steadily are not cut", async () => {
  const { stub, server } = await startFarServer();
  const response = stub.clientStream(Array.from({ length: MESSAGES }, () => ({ data })));
  await sleep(600);
  expect(server.snapshot().connections.list.filter(({ closing }) => !closing)).toEqual([]);
  expect(await response).toMatchObject({ text: `${MESSAGES}` });
});
