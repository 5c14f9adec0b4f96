// Jest's fake timers replace all of its globals, process.nextTick and queueMicrotask included.
import { Status } from "@grpclib-ts/runtime";
import { serve } from "@grpclib-ts/runtime/testing";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { BoxOfficeServiceBase, BoxOfficeServiceStub } from "@monorepo/stubs";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const start = async (bookSeat: () => Promise<{ ticket: string }>) => {
  const service = BoxOfficeServiceBase.of({
    bookSeat,
    async *watchSeats() {
      for (const seat of ["A1", "A2"]) yield { seat };
    },
  });
  const served = await serve([service]);
  return { served, stub: new BoxOfficeServiceStub(served.channel) };
};

test("calls in memory end", async () => {
  const { served, stub } = await start(async () => ({ ticket: "1" }));
  const tickets = await Promise.all(Array.from({ length: 100 }, () => stub.bookSeat({})));
  expect(tickets.every(({ ticket }) => ticket === "1")).toBe(true);
  const seats: string[] = [];
  for await (const { seat } of stub.watchSeats({})) seats.push(seat);
  expect(seats).toEqual(["A1", "A2"]);
  await served.close();
});

test("deadlines follow the fake clock", async () => {
  const { served, stub } = await start(() => new Promise(() => {}));
  const outcome = stub.bookSeat.safe({}, { timeout: 60_000 });
  await jest.advanceTimersByTimeAsync(60_000);
  expect((await outcome).error?.status).toBe(Status.DEADLINE_EXCEEDED);
  await served.close();
});
