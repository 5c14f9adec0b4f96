import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type GRPCError, Status } from "../../src/index.js";
import { validate } from "../../src/validate.js";
import { RulesServiceBase, RulesServiceStub } from "../gen/rules/v1/rules_grpclib.js";
import { RulesService, TreeSchema } from "../gen/rules/v1/rules_pb.js";
import { collect, openChannel, rejection, startServer } from "../harness.js";
import { startChecked, violationsIn } from "./servers.js";

/** A stub that checks requests, and a server that does not. */
async function startChecking() {
  const received: string[] = [];
  const service = RulesServiceBase.of({
    check: async () => {
      received.push("check");
      return {};
    },
    checkAll: async function* (requests) {
      for await (const _ of requests) {
        received.push("checkAll");
        yield {};
      }
    },
  });
  const { address } = await startServer({}, { services: [service] });
  const interceptors = [validate({ services: [RulesService] })];
  return { stub: new RulesServiceStub(openChannel(address, { interceptors })), received, address };
}

const invalid = { tree: { children: [{}] } };

describe("a client that checks its requests", () => {
  test("gets the error that the server would send", async () => {
    const { stub, received } = await startChecking();
    const { stub: unchecked } = await startChecked();
    const error = await rejection(stub.check(invalid));
    const expected = (await rejection(unchecked.check(invalid))) as GRPCError;
    expect(error).toMatchObject({ status: expected.status, statusMessage: expected.statusMessage, origin: "client" });
    expect(violationsIn(error)).toEqual(violationsIn(expected));
    expect(violationsIn(error)).toHaveLength(2);
    expect(received).toEqual([]);
  });

  test("sends valid requests", async () => {
    const { stub, received } = await startChecking();
    await stub.check({});
    expect(await collect(stub.checkAll([{ request: {} }]))).toHaveLength(1);
    expect(received).toEqual(["check", "checkAll"]);
  });

  test("ends a stream at a request that is not valid", async () => {
    const { stub } = await startChecking();
    const error = await rejection(collect(stub.checkAll([{ request: {} }, {}, { request: {} }])));
    expect(violationsIn(error)).toEqual([["request", "required", "value is required"]]);
  });

  test("gets INTERNAL with the cause if a rule fails", async () => {
    const { stub } = await startChecking();
    const error = await rejection(stub.check({ divided: {} }));
    expect(error).toMatchObject({ status: Status.INTERNAL, origin: "client", cause: { name: "RuntimeError" } });
  });

  test("gets INTERNAL for a request that contains itself", async () => {
    const { stub } = await startChecking();
    const tree = create(TreeSchema, { label: "a" });
    tree.children.push(tree);
    const error = await rejection(stub.check({ tree }));
    expect(error).toMatchObject({ status: Status.INTERNAL, statusMessage: "The request could not be checked" });
    expect(error).toMatchObject({ cause: { message: expect.stringContaining("Maximum call stack size exceeded") } });
  });

  test("inside a handler, the error is not passed on to the handler's caller", async () => {
    const { stub } = await startChecking();
    const service = RulesServiceBase.of({
      check: async () => await stub.check(invalid),
      checkAll: async function* () {},
    });
    const { address, reports } = await startServer({}, { services: [service] });
    const error = await rejection(new RulesServiceStub(openChannel(address)).check({}));
    expect(error).toMatchObject({ status: Status.UNKNOWN });
    expect(reports.take()).toMatchObject([{ error: { cause: { status: Status.INVALID_ARGUMENT } } }]);
  });
});
