// The peer sends an incomplete header block on a stream that is destroyed while one of its writes is pending. The block
// then outlives the connection, and without keepNativePart() the next garbage collection aborts the process. Plain
// node:http2 aborts too (Node 20 to 26).
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { Status } from "../../src/index.js";
import { selfSigned } from "../calls/certificate.js";
import { FrameType, type Http2Frame, preface } from "../frames/frame.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, headers, reset, Setting, settings, unfinishedHeaders, windowUpdate } from "../frames/frames.js";
import { requestFields, requestMessage, responseFields } from "../frames/grpc.js";
import type { Field } from "../frames/hpack.js";
import { compilePrograms } from "./compile.js";
import { unharmed, Victim } from "./victim.js";

const folder = compilePrograms();

const CONNECTIONS = 5;
const largeWindow = 2 ** 31 - 1;
const wideOpen = [settings({ [Setting.INITIAL_WINDOW_SIZE]: largeWindow }), windowUpdate(0, largeWindow - 65_535)];
const fields: readonly Field[] = Array.from({ length: 4 }, (_, n) => [`x-long-${n}`, "v".repeat(80)]);

const methods = ["Unary", "ServerStream", "ClientStream", "Bidi"];

/** Ways to send invalid trailers such that Node keeps the connection and the headers it has read. */
const trailers: Record<string, (stream: number) => Http2Frame[]> = {
  "are incomplete": (stream) => [unfinishedHeaders(stream, fields)],
  "are malformed, and the stream is reset": (stream) => [
    headers(stream, [...fields, [":path", "/"]], { endStream: true }),
    reset(stream, 8),
  ],
};

const disconnects: Record<string, (socket: Socket) => void> = {
  "resets the connection": (socket) => void socket.resetAndDestroy(),
  "closes the connection": (socket) => void socket.destroy(),
  "waits until the server closes": () => {},
};

const attacks = [
  ...methods.flatMap((method) => waysOf({ transport: "TCP", method, endings: Object.keys(disconnects) })),
  ...waysOf({ transport: "TLS", method: "Bidi", endings: ["closes the connection", "waits until the server closes"] }),
];

test.for(attacks)(
  "trailers $spoilt while a server writes, then the client $leaves ($method, $transport)",
  async ({ method, transport, spoilt, leaves }) => {
    const tls = transport === "TLS" ? selfSigned() : undefined;
    const victim = new Victim(folder, "writing-server", tls && [JSON.stringify(tls)]);
    const port = Number(await victim.line());
    for (let n = 0; n < CONNECTIONS; n++) {
      const connection = await FrameConnection.connect(port, tls?.cert);
      connection.socket.pause();
      const single = method === "Unary" || method === "ServerStream";
      connection.send(...wideOpen, headers(1, requestFields(method)), data(1, requestMessage(), { endStream: single }));
      // After a single request, trailers cannot follow while the server writes. Use another stream.
      const stream = single ? 3 : 1;
      if (single) connection.send(headers(3, requestFields("Bidi")), data(3, requestMessage()));
      connection.send(...(trailers[spoilt]?.(stream) ?? []));
      await sleep(30);
      disconnects[leaves]?.(connection.socket);
      await sleep(20);
      victim.send("collect");
      expect(await victim.line()).toBe("collected");
    }
    victim.end();
    expect(await victim.exit()).toEqual(unharmed);
  },
);

function waysOf({ endings, ...rest }: { transport: "TCP" | "TLS"; method: string; endings: readonly string[] }) {
  return Object.keys(trailers).flatMap((spoilt) => endings.map((leaves) => ({ ...rest, spoilt, leaves })));
}

test.for([
  { leaves: "before the deadline of the call", afterMs: 20, status: Status.UNAVAILABLE },
  { leaves: "after it", afterMs: 500, status: Status.DEADLINE_EXCEEDED },
])(
  "a server sends incomplete headers while a client writes to it, and resets the connection $leaves",
  async ({ afterMs, status }) => {
    const server = createServer((socket) => {
      const connection = new FrameConnection(socket, preface.length, ({ type, stream }) => {
        if (type !== FrameType.HEADERS) return;
        connection.send(unfinishedHeaders(stream, [...responseFields, ...fields]));
        socket.pause();
        setTimeout(() => socket.resetAndDestroy(), afterMs);
      });
      connection.send(...wideOpen);
      onTestFinished(() => void socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const victim = new Victim(folder, "writing-client", [`${port}`]);
    for (let n = 0; n < CONNECTIONS; n++) {
      victim.send("call");
      expect(await victim.line()).toBe(`collected after ${status}`);
    }
    victim.end();
    expect(await victim.exit()).toEqual(unharmed);
  },
);
