import { createConnection, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { selfSigned } from "../calls/certificate.js";
import { handleAll } from "../calls/kinds.js";
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

/** Passes on what it reads half a second later. */
function passLate(from: Socket, to: Socket): () => void {
  from.on("data", (chunk) => setTimeout(() => to.write(chunk), 500));
  return () => {};
}

/** Starts a path to a server. @returns its port */
async function startPath(server: number, pass: (from: Socket, to: Socket) => () => void): Promise<number> {
  const { port } = await startTcpServer((near) => {
    const far = createConnection({ host: "127.0.0.1", port: server });
    const stops = [pass(near, far), pass(far, near)];
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
  return port;
}

test.each([
  { name: "without TLS", scheme: "http", tls: undefined },
  { name: "with TLS", scheme: "https", tls: selfSigned() },
])("a slow handshake $name is not taken for one that has failed", async ({ scheme, tls }) => {
  const { port } = await startServer(
    handleAll(() => ({ text: "slow" })),
    tls && { listen: { tls } },
  );
  const address = `${scheme}://localhost:${await startPath(port, passLate)}`;
  expect(await connect(address, tls && { tls: { ca: tls.cert } }).unary({})).toMatchObject({ text: "slow" });
});

test("a closing connection is not cut while requests arrive steadily", async () => {
  const { port, server } = await startServer(
    {
      async clientStream(messages) {
        return { text: `${(await collect(messages)).length}` };
      },
    },
    { maxConnectionAge: 200, keepalive: { time: 300, timeout: 100 } },
  );
  const path = await startPath(port, passSlowly);
  const response = connect(`http://127.0.0.1:${path}`).clientStream(Array.from({ length: MESSAGES }, () => ({ data })));
  await sleep(600);
  expect(server.snapshot().connections.list).toMatchObject([{ closing: true }]);
  expect(await response).toMatchObject({ text: `${MESSAGES}` });
});
