import { createRequire } from "node:module";
import { GRPCError, Status } from "@grpclib-ts/runtime";
import { Channel, Server } from "@grpclib-ts/runtime/node";
import { expect, test } from "vitest";
import { BoxOfficeServiceBase, BoxOfficeServiceErrors, BoxOfficeServiceStub } from "./index.js";

test("this package has its own version of the runtime", () => {
  const { version } = createRequire(import.meta.url)("@grpclib-ts/runtime/package.json");
  expect(version).toBe("0.1.0");
});

test("a declared error arrives in vitest", async () => {
  const service = BoxOfficeServiceBase.of({
    async bookSeat({ seat }) {
      throw BoxOfficeServiceErrors.BookSeat.SEAT_TAKEN("taken", { seatTaken: { seat } });
    },
    async *watchSeats() {},
  });
  const server = new Server([service]);
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  const channel = new Channel(`http://127.0.0.1:${port}`);
  const stub = new BoxOfficeServiceStub(channel);
  const { error } = await stub.bookSeat.safe({ seat: "A1" });
  expect(error).toBeInstanceOf(GRPCError);
  expect(error).toMatchObject({ status: Status.FAILED_PRECONDITION, kind: "SEAT_TAKEN" });
  await channel.close();
  await server.close();
});
