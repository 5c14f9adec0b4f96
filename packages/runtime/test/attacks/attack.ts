import { setTimeout as sleep } from "node:timers/promises";
import { Channel } from "../../src/node.js";
import type { Kind } from "../calls/kinds.js";
import { FrameConnection } from "../frames/frame-connection.js";
import { settings } from "../frames/frames.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import type { Ending } from "./endings.js";
import { type RequestPrefix, requestFrames } from "./requests.js";
import type { HandlerState } from "./states.js";
import type { Victim } from "./victim.js";

/** The time within which a server must notice that the client has disconnected. */
const PATIENCE_MS = 1000;

/** The number of concurrent conversations. */
const AT_ONCE = 16;

/** An attack of a client on a server: it begins a call, then resets it or disconnects. */
export interface Conversation {
  readonly name: string;
  readonly kind: Kind;
  readonly state: HandlerState;
  readonly prefix: RequestPrefix;
  readonly ending: Ending;
  /** Whether the ending is sent after the server has read everything else, rather than together with it. */
  readonly later: boolean;
  /** The settings that the client sends. */
  readonly settings?: Readonly<Record<number, number>>;
  /** The number of such calls that are made at once on the connection. Default: 1. */
  readonly calls?: number;
}

/** All combinations of the choices. */
export function conversationsOf(
  choices: Pick<Conversation, "kind" | "state"> & {
    readonly prefixes: readonly RequestPrefix[];
    readonly endings: readonly Ending[];
    readonly settings?: Readonly<Record<number, number>>;
    readonly calls?: number;
  },
): Conversation[] {
  const { prefixes, endings, ...rest } = choices;
  return prefixes.flatMap((prefix) =>
    endings.flatMap((ending) =>
      ending.later.map((later) => ({
        ...rest,
        ...{ prefix, ending, later },
        name: `${rest.kind} ${rest.state}: ${prefix.name}, ${later ? "then" : "with"} ${ending.name}`,
      })),
    ),
  );
}

/** Runs conversations with a server, several at a time, each followed by a good call. @throws Error if one fails */
export async function attackServer(
  victim: Victim,
  port: number,
  conversations: readonly Conversation[],
): Promise<void> {
  const queue = [...conversations];
  const underWay = new Set<string>();
  await using channel = new Channel(`http://127.0.0.1:${port}`);
  const stub = new TestServiceStub(channel);
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const { name } = next;
        underWay.add(name);
        await converse(port, next, async () => {
          const good = await stub
            .unary({ text: name }, { timeout: 10_000 })
            .catch((error) => ({ text: String(error) }));
          if (!victim.running)
            throw new Error(`The server has ended after one of these conversations:\n${[...underWay].join("\n")}`);
          if (good.text !== "good") throw new Error(`After ${name}, a good call: ${good.text}`);
        });
        underWay.delete(name);
      }
    }),
  );
}

async function converse(port: number, conversation: Conversation, afterwards: () => Promise<void>): Promise<void> {
  const { name, kind, state, prefix, ending, later, calls = 1 } = conversation;
  const metadata = [
    ["conversation", name],
    ["state", state],
  ] as const;
  const streams = Array.from({ length: calls }, (_, index) => 2 * index + 1);
  const opening = streams.flatMap((stream) => requestFrames(stream, kind, prefix, metadata));
  // The server has opened no stream, so a GOAWAY names stream 0.
  const closing = streams.flatMap((stream) => ending.frames(stream, 0));
  const connection = await FrameConnection.connect(port);
  if (later) {
    connection.send(settings(conversation.settings), ...opening);
    await connection.roundTrip();
    connection.send(...closing);
  } else {
    connection.send(settings(conversation.settings), ...opening, ...closing);
  }
  ending.finish(connection);
  // Keep the connection open after a reset: a server that missed the reset would otherwise notice the disconnection.
  await Promise.race([ending.resetCode === undefined ? connection.closed : connection.roundTrip(), sleep(PATIENCE_MS)]);
  await afterwards();
  connection.socket.resetAndDestroy();
  await connection.closed;
}
