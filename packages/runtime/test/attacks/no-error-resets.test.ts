// Regression tests: each of these resets with NO_ERROR once crashed the server.
import { describe, expect, test } from "vitest";
import { kinds } from "../calls/kinds.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { data, reset, settings } from "../frames/frames.js";
import { requestMessage } from "../frames/grpc.js";
import { type Conversation, conversationsOf } from "./attack.js";
import { compilePrograms } from "./compile.js";
import { endings } from "./endings.js";
import { requestFrames, requestPrefix } from "./requests.js";
import { expectUnharmed, withServer } from "./server-under-attack.js";

const folder = compilePrograms();

function resetAt(prefix: string, choice: Pick<Conversation, "kind" | "state">): Conversation[] {
  const noError = endings.filter(({ resetCode }) => resetCode === 0);
  return conversationsOf({ ...choice, prefixes: [requestPrefix(prefix)], endings: noError });
}

test.for(kinds)("two bytes of a message's prefix, then RST_STREAM(NO_ERROR) (%s)", async (kind) => {
  await expectUnharmed(folder, resetAt("2 bytes of a prefix", { kind, state: "waits" }));
});

test("a unary call that is cancelled while its request of 2 MiB arrives, as by Python's grpclib", async () => {
  await expectUnharmed(folder, resetAt("48 KiB of a message of 2 MiB", { kind: "unary", state: "waits" }));
});

describe("40 bidi streams keep the event loop busy, and 20 others are reset while they are paused", () => {
  const begin = requestPrefix("headers");
  const held = requestPrefix("600 empty messages");
  const message = requestMessage({ data: new Uint8Array(100) });

  test.for(["reads", "echoes", "waits"])("the handler %s", async (state) => {
    const { conversations } = await withServer(folder, async (port) => {
      const connection = await FrameConnection.connect(port);
      const open = (stream: number) => {
        const name = stream < 81 ? "turns" : "held back";
        return requestFrames(stream, "bidi", begin, [
          ["conversation", name],
          ["state", state],
        ]);
      };
      const streams = Array.from({ length: 60 }, (_, index) => 2 * index + 1);
      connection.send(settings(), ...streams.flatMap(open));
      await connection.roundTrip();
      connection.send(
        ...streams.slice(0, 40).map((stream) => data(stream, message)),
        ...streams
          .slice(40)
          .flatMap((stream) => [
            ...held.body.map((bytes) => data(stream, bytes)),
            data(stream, message),
            reset(stream, 0),
          ]),
      );
      await connection.roundTrip();
      await connection.roundTrip();
      connection.socket.resetAndDestroy();
      await connection.closed;
    });
    const lost = { name: "StreamTerminatedError" };
    const wasReset = { name: "StreamTerminatedError", code: 0 };
    expect(conversations).toEqual({
      turns: { started: 40, ended: 40, requestsEnded: 0, reasons: Array(40).fill(lost) },
      "held back": { started: 20, ended: 20, requestsEnded: 0, reasons: Array(20).fill(wasReset) },
    });
  });
});
