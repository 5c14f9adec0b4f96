import { expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { rejection, startPair } from "../harness.js";

test.for([0, 2147483647, "never"] as const)("setRetryPushback(%j) is valid", async (pushback) => {
  const { stub } = await startPair({
    unary(_request, context) {
      context.setRetryPushback(pushback);
      return { text: "fine" };
    },
  });
  expect(await stub.unary({})).toMatchObject({ text: "fine" });
});

test.for(["Never", -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, undefined])(
  "setRetryPushback(%j) throws a TypeError that says what it takes",
  async (pushback) => {
    const { stub, reports } = await startPair({
      unary(_request, context) {
        context.setRetryPushback(pushback as never);
        return {};
      },
    });
    expect((await rejection(stub.unary({}))) as GRPCError).toMatchObject({ status: Status.UNKNOWN });
    expect(reports.take()).toMatchObject([
      { error: { name: "TypeError", message: expect.stringMatching(/takes 0 to 2147483647 milliseconds or "never"/) } },
    ]);
  },
);
