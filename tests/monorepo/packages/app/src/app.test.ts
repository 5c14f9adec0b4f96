// Runs in Jest, once as ECMAScript modules and once as CommonJS. This file and the runtime run in a realm of their own:
// errors of Node's modules are not an `instanceof Error` here.
import { EventEmitter, once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import {
  Deadline,
  GRPCError,
  Metadata,
  registerDetails,
  type ServerContext,
  Status,
  Unknown,
} from "@grpclib-ts/runtime";
import { Channel, type ChannelOptions, Server } from "@grpclib-ts/runtime/node";
import { afterEach, expect, test } from "@jest/globals";
import { BoxOfficeServiceBase, BoxOfficeServiceErrors, BoxOfficeServiceStub } from "@monorepo/stubs";
import { book, open, watch } from "./index.js";

const { BookSeat } = BoxOfficeServiceErrors;
const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

type Handler = (seat: string, context: ServerContext) => unknown;

/** Starts a server of this package's runtime, and a stub of the other version's. */
async function start(handler: Handler, options?: ChannelOptions) {
  const reports: unknown[] = [];
  const service = BoxOfficeServiceBase.of({
    bookSeat: async ({ seat }, context) => (await handler(seat, context)) as { ticket: string },
    async *watchSeats(_request, context) {
      yield { seat: "A1" };
      await handler("stream", context);
    },
  });
  const server = new Server([service], { onError: (error) => void reports.push(error), compression: "gzip" });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  const channel = new Channel(`http://127.0.0.1:${port}`, options);
  closings.push(
    () => server.close({ grace: 0 }),
    () => channel.close(),
  );
  return { stub: new BoxOfficeServiceStub(channel), reports };
}

const noSuchFile = () => readFile("/no/such/file").catch((error: unknown) => error);

test("errors of Node's modules belong to another realm", async () => {
  expect((await noSuchFile()) instanceof Error).toBe(false);
});

test.each<[title: string, wait: (signal: AbortSignal) => Promise<unknown>]>([
  ["timers/promises", (signal) => delay(60_000, undefined, { signal })],
  ["events.once", (signal) => once(new EventEmitter(), "never", { signal })],
  [
    "the reason of the signal",
    (signal) => delay(60_000, undefined, { signal }).catch(() => Promise.reject(signal.reason)),
  ],
  [
    "an error that has the AbortError as its cause",
    async (signal) => {
      await delay(60_000, undefined, { signal }).catch((cause) => Promise.reject(new Error("late", { cause })));
    },
  ],
])("a handler that waits with %s is cancelled cleanly", async (_title, wait) => {
  let ended = () => {};
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const abort = new AbortController();
  const { stub, reports } = await start(async (_seat, { signal }) => {
    setImmediate(() => abort.abort());
    await wait(signal).finally(() => setImmediate(ended));
  });
  const { error } = await stub.bookSeat.safe({}, { signal: abort.signal });
  expect(error?.status).toBe(Status.CANCELLED);
  await over;
  expect(reports).toEqual([]);
});

test.each<[title: string, handler: Handler]>([
  ["returns", noSuchFile],
  ["throws", () => readFile("/no/such/file")],
])("an error of node:fs that a handler %s is reported", async (_title, handler) => {
  const { stub, reports } = await start(handler);
  expect((await book(stub, "A1")).error).toMatchObject({ status: Status.UNKNOWN, message: "Internal Server Error" });
  expect(reports).toMatchObject([{ code: "ENOENT" }]);
});

test("a refused connection has its reason", async () => {
  const channel = new Channel("unix:/no/such/socket");
  const { error } = await book(new BoxOfficeServiceStub(channel), "A1");
  expect(error).toMatchObject({ status: Status.UNAVAILABLE, cause: { code: "ENOENT" } });
  expect(error?.message).not.toMatch(/^Error: /);
  await channel.close();
});

test("a compressed response over the limit is RESOURCE_EXHAUSTED", async () => {
  const { stub } = await start(() => ({ ticket: "x".repeat(100_000) }), { maxReceiveMessageBytes: 10_000 });
  expect((await book(stub, "A1")).error).toMatchObject({ status: Status.RESOURCE_EXHAUSTED });
});

test("the two versions of the runtime work together", async () => {
  registerDetails(TimestampSchema);
  const { stub } = await start((seat, context) => {
    context.trailingMetadata.set("seat", seat);
    if (seat === "A1") throw BookSeat.SEAT_TAKEN("taken", { seatTaken: { seat } }, { details: [new Unknown("a.B")] });
    if (seat === "stream") throw new GRPCError(Status.ABORTED, "closed");
    return { ticket: `${context.metadata.get("session")} ${context.deadline instanceof Deadline}` };
  });
  const { error } = await book(stub, "A1");
  expect(error).toBeInstanceOf(GRPCError);
  expect([BookSeat.is(error), error?.kind, error?.metadata?.get("seat")]).toEqual([true, "SEAT_TAKEN", "A1"]);
  expect(error?.details?.map((detail) => detail instanceof Unknown)).toEqual([false, true]);

  const options = { metadata: new Metadata({ session: "today" }), deadline: Deadline.after(60_000) };
  expect((await stub.bookSeat({ seat: "B1" }, options)).ticket).toBe("today true");

  for (const seats of [watch(stub), open(stub)]) {
    if ("sendMessage" in seats) await seats.sendMessage({});
    const received: string[] = [];
    const reading = async () => {
      for await (const { seat } of seats) received.push(seat);
    };
    await expect(reading()).rejects.toMatchObject({ status: Status.ABORTED });
    expect(received).toEqual(["A1"]);
  }
});
