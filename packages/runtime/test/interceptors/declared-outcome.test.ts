import { expect, test } from "vitest";
import { bindStub } from "../../src/client/stub.js";
import { methodErrors } from "../../src/errors/contract.js";
import { sharedErrors } from "../../src/errors/shared-errors.js";
import { type CallOutcome, type ClientInterceptor, GRPCError, Status } from "../../src/index.js";
import { testService } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { openChannel, startServer } from "../harness.js";

type Factory = (message: string) => GRPCError;

const shared = sharedErrors<Record<"READ_ONLY", Factory>>("common.v1", {
  READ_ONLY: { status: Status.UNAUTHENTICATED, reason: "READ_ONLY" },
});
const Unary = methodErrors<Record<"GONE" | "FULL" | "READ_ONLY", Factory>>(TestService.method.unary, {
  GONE: { status: Status.NOT_FOUND, reason: "GONE" },
  FULL: { status: Status.OUT_OF_RANGE },
  READ_ONLY: shared.READ_ONLY,
});
const Bidi = methodErrors<Record<"GONE", Factory>>(TestService.method.bidi, {
  GONE: { status: Status.ABORTED, reason: "GONE" },
});

/** What interceptors on both sides learn of a call that fails with an error. */
async function declaredOutcomes(thrown: unknown, inside: ClientInterceptor = (_call, next) => next()) {
  const kinds: unknown[] = [];
  const look = async <T>(call: { readonly outcome: Promise<CallOutcome> }, next: () => Promise<T>): Promise<T> => {
    try {
      return await next();
    } finally {
      const { declared } = await call.outcome;
      kinds.push(declared?.kind, declared?.declaredBy);
    }
  };
  const service = testService({
    unary() {
      throw thrown;
    },
  });
  const services = [Object.assign(service, { $errors: { Unary } })];
  const { address, reports } = await startServer({}, { services, interceptors: [look], contracts: "off" });
  const channel = openChannel(address, { interceptors: [look, inside] });
  const stub = new TestServiceStub(channel);
  bindStub(stub, channel, TestService, { Unary });
  await stub.unary.safe({});
  reports.take();
  return kinds;
}

const path = "/test.v1.TestService/Unary";

test.for<[what: string, thrown: unknown, declared: unknown[]]>([
  ["an error of the method", Unary.GONE("gone"), ["GONE", path]],
  ["a shared error", shared.READ_ONLY("later"), ["READ_ONLY", "common.v1.READ_ONLY"]],
  ["an error that matches a declaration", new GRPCError(Status.OUT_OF_RANGE), ["FULL", path]],
  ["an error of another method", Bidi.GONE("gone"), [undefined, undefined]],
  ["an undeclared error", new GRPCError(Status.NOT_FOUND), [undefined, undefined]],
  ["an exception", new Error("a bug"), [undefined, undefined]],
])("%s: both sides learn whether the method declares it", async ([, thrown, declared]) => {
  expect(await declaredOutcomes(thrown)).toEqual([...declared, ...declared]);
});

test("an error of the method that an interceptor of the client throws is declared, too", async () => {
  const answer = async () => {
    throw Unary.GONE("not in the cache");
  };
  expect(await declaredOutcomes(undefined, answer)).toEqual(["GONE", path]);
});
