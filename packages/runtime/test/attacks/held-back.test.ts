import { test } from "vitest";
import { FrameConnection } from "../frames/frame-connection.js";
import { reset, Setting, settings } from "../frames/frames.js";
import { conversationsOf } from "./attack.js";
import { compilePrograms } from "./compile.js";
import { endings, resetCodes } from "./endings.js";
import { heavyPrefixes, requestFrames, requestPrefix } from "./requests.js";
import { expectUnharmed, withServer } from "./server-under-attack.js";

const folder = compilePrograms();

test.for([
  { kind: "clientStream", state: "waits" },
  { kind: "clientStream", state: "reads" },
  { kind: "bidi", state: "waits" },
  { kind: "bidi", state: "streams" },
] as const)("a client ends a call when the server's buffers are full ($kind, whose handler $state)", async (choice) => {
  await expectUnharmed(folder, conversationsOf({ ...choice, prefixes: heavyPrefixes, endings }));
});

test.for([
  { kind: "serverStream", state: "streams", prefix: "a message, END_STREAM" },
  { kind: "bidi", state: "streams", prefix: "three messages" },
  { kind: "bidi", state: "echoes", prefix: "three messages" },
] as const)(
  "a client that accepts at most ten bytes of responses ends a call ($kind, whose handler $state)",
  async ({ prefix, ...choice }) => {
    const tiny = { [Setting.INITIAL_WINDOW_SIZE]: 10 };
    await expectUnharmed(
      folder,
      conversationsOf({ ...choice, settings: tiny, prefixes: [requestPrefix(prefix)], endings }),
    );
  },
);

// The server starts fewer calls than this in one turn of the event loop, so some are reset before they start.
test.for([
  { kind: "unary", state: "waits", prefix: "a message, END_STREAM" },
  { kind: "unary", state: "answers", prefix: "a part of a message, END_STREAM" },
  { kind: "serverStream", state: "streams", prefix: "a message, END_STREAM" },
  { kind: "bidi", state: "reads", prefix: "a message and a part" },
] as const)(
  "a client ends 64 calls that arrive at once ($kind, whose handler $state)",
  async ({ prefix, ...choice }) => {
    const prefixes = [requestPrefix(prefix)];
    await expectUnharmed(folder, conversationsOf({ ...choice, calls: 64, prefixes, endings }));
  },
);

test.for(["waits", "reads"])("paused streams are released when they are reset (the handler %s)", async (state) => {
  await withServer(folder, async (port, victim) => {
    const connection = await FrameConnection.connect(port);
    // As many streams as the window of a new connection allows.
    const streams = resetCodes.slice(0, 6).map((code, index) => ({ code, stream: 2 * index + 1 }));
    // Data that arrives after the pause stays buffered in the stream.
    const held = requestPrefix("2000 empty messages in frames of their own");
    connection.send(
      settings(),
      ...streams.flatMap(({ stream }) => requestFrames(stream, "bidi", held, [["state", state]])),
    );
    await connection.roundTrip();
    connection.send(...streams.map(({ code, stream }) => reset(stream, code)));
    await connection.roundTrip();
    // The server closes the connection once all its streams have closed.
    victim.end();
    await connection.closed;
  });
});
