import { constants } from "node:http2";
import { expect, test, vi } from "vitest";
import { data, headers, reset } from "../frames/frames.js";
import { requestFields, requestMessage } from "../frames/grpc.js";
import { moment, startServer } from "../harness.js";
import { connectClient } from "./goodbyes.js";

const LIMIT = 200;

const unary = (stream: number, text: string) => [
  headers(stream, requestFields("Unary")),
  data(stream, requestMessage({ text }), { endStream: true }),
];

const streams = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + 2 * index);

// From Node 22 on, node:http2 refuses the new calls, and after 100 refusals in a row it ends the connection.
test("a client at its limit that resets 199 calls and makes as many in one packet keeps its connection", async () => {
  const [running, finish, finished] = [moment(), moment(), moment()];
  let started = 0;
  const { port, server } = await startServer(
    {
      async unary({ text }, { signal }) {
        started += 1;
        if (started === LIMIT) running.happens();
        const left = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        await (text === "stays" ? Promise.race([finish.promise, left]) : left);
        finished.happens();
        return {};
      },
    },
    { maxConcurrentStreams: LIMIT },
  );
  const { connection, goodbyes } = await connectClient(port);
  const early = streams(3, LIMIT - 1);
  const late = streams(3 + 2 * early.length, LIMIT - 1);
  connection.send(...unary(1, "stays"), ...early.flatMap((stream) => unary(stream, "")));
  await running.promise;
  connection.send(
    ...early.map((stream) => reset(stream, constants.NGHTTP2_CANCEL)),
    ...late.flatMap((stream) => unary(stream, "")),
  );
  await connection.roundTrip();
  expect(server.connections.open).toBe(1);
  finish.happens();
  await finished.promise;
  await connection.roundTrip();
  expect(goodbyes).toEqual([]);
  connection.socket.destroy();
  await vi.waitFor(() => expect(server.connections.open).toBe(0));
});
