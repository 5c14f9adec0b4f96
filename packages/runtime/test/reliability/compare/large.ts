import { fromBinary } from "@bufbuild/protobuf";
import { Status } from "../../../src/index.js";
import { data, largeHeaders } from "../../frames/frames.js";
import { responseFields, responseMessage, trailerFields } from "../../frames/grpc.js";
import type { Field } from "../../frames/hpack.js";
import { type ServedCall, serveCalls } from "../../frames/served-call.js";
import { TestRequestSchema } from "../../gen/test/v1/test_pb.js";
import { callOnce } from "../callers.js";
import { detailsPair, extrasFor, hasArrived, largeErrors, largeMetadata } from "../extras.js";
import { type Client, connect } from "../libraries.js";
import { startGrpcJsServer } from "../peers/grpc-js-server.js";
import { startOurServer } from "../peers/our-server.js";
import type { Setting } from "../scenario.js";
import type { Tally } from "../tally.js";
import { Work } from "../work.js";
import { type Case, inRounds, nextAnswer, TIMEOUT_MS } from "./case.js";
import { withPeer } from "./with-peer.js";

/** The length of the prefix of a message. */
const PREFIX_BYTES = 5;
/** How long the call beside a large one takes, in milliseconds. */
const BESIDE_MS = 100;

/** Answers calls as the servers of both libraries do. Its headers may have any size. */
function answerWithExtras({ connection, stream, body }: ServedCall): void {
  const { text, number } = fromBinary(TestRequestSchema, body.subarray(PREFIX_BYTES));
  const { initial = {}, trailing = {}, failure } = extrasFor(text);
  const details = failure === undefined ? {} : detailsPair(failure);
  const trailers: Field[] = [
    ...trailerFields(failure === undefined ? Status.OK : Status.INVALID_ARGUMENT),
    ["grpc-message", failure?.message ?? ""],
    ...Object.entries(trailing),
    ...Object.entries(details).map(([key, bytes]) => [key, bytes.toString("base64")] as const),
  ];
  setTimeout(() => {
    connection.send(
      ...largeHeaders(stream, [...responseFields, ...Object.entries(initial)]),
      ...(failure === undefined ? [data(stream, responseMessage({ text }))] : []),
      ...largeHeaders(stream, trailers, { endStream: true }),
    );
  }, number);
}

type WithClient = (setting: Setting, run: (client: Client) => Promise<number>) => Promise<number>;

/** A server of a library. */
function withServer(start: typeof startOurServer | typeof startGrpcJsServer): WithClient {
  return async ({ library }, run) => {
    const { port, close } = await start(new Work(0, () => {}), {});
    const client = connect(library, port);
    const time = await run(client);
    client.close();
    await close();
    return time;
  };
}

/** What clients of both libraries connect to. */
const servers: Readonly<Record<string, WithClient>> = {
  peer: (setting, run) => withPeer(setting, (socket) => serveCalls(socket, answerWithExtras), run),
  "grpclib-ts": withServer(startOurServer),
  "grpc-js": withServer(startGrpcJsServer),
};

/** Makes a call whose metadata is large in one direction, beside another one. @returns the time of the next call */
async function exchange(
  client: Client,
  tally: Tally,
  text: string,
  metadata: Readonly<Record<string, string>> = {},
): Promise<number> {
  // Some limits apply as soon as the settings have been acknowledged.
  await nextAnswer(client, tally);
  const beside = callOnce(client, tally, { work: BESIDE_MS, timeout: TIMEOUT_MS });
  const received = await client.examine(text, { metadata, timeout: TIMEOUT_MS });
  tally.calls += 1;
  const complete = hasArrived(text, received);
  tally.add(complete ? Status.OK : received.status || Status.DATA_LOSS, text);
  await beside;
  return await nextAnswer(client, tally);
}

/** A case for each server. @param text what the call asks for */
function cases(
  name: string,
  text: string,
  metadata: Readonly<Record<string, string>> = {},
): (readonly [string, Case])[] {
  return Object.entries(servers).map(([server, withClient]) => [
    `${name} (${server})`,
    inRounds((setting, tally) => withClient(setting, (client) => exchange(client, tally, text, metadata))),
  ]);
}

/** Errors with large trailers. */
export const errors: Readonly<Record<string, Case>> = Object.fromEntries(
  Object.keys(largeErrors).flatMap((name) => cases(name, name)),
);

/** Large metadata of requests, and large initial metadata. */
export const metadata: Readonly<Record<string, Case>> = Object.fromEntries(
  Object.entries(largeMetadata).flatMap(([name, pairs]) => [
    ...cases(`request: ${name}`, "", pairs),
    ...cases(`initial: ${name}`, `initial ${name}`),
  ]),
);
