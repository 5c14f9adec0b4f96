import { GRPCError, Status } from "@grpclib-ts/runtime";
import { type GRPCMatchers, grpcMatchers, serve } from "@grpclib-ts/runtime/testing";
import { expect, test } from "@jest/globals";
import { BoxOfficeServiceBase, BoxOfficeServiceStub } from "@monorepo/stubs";

declare module "expect" {
  interface Matchers<R extends void | Promise<void>, T> extends GRPCMatchers<R> {}
}
expect.extend(grpcMatchers);

test("toBeGRPCError() compares what a call rejects with", async () => {
  const service = BoxOfficeServiceBase.of({
    bookSeat() {
      throw new GRPCError(Status.UNAVAILABLE, "closed");
    },
    watchSeats: async function* () {},
  });
  const served = await serve([service]);
  const call = () => expect(new BoxOfficeServiceStub(served.channel).bookSeat({}));
  await call().rejects.toBeGRPCError(Status.UNAVAILABLE, { message: "closed" });
  await call().rejects.not.toBeGRPCError(Status.NOT_FOUND);
  await expect(call().rejects.toBeGRPCError(Status.NOT_FOUND)).rejects.toThrow(/"NOT_FOUND".*"UNAVAILABLE"/s);
  await served.close();
});
