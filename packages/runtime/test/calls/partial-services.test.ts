import { describe, expect, test, vi } from "vitest";
import { Status } from "../../src/index.js";
import { Server } from "../../src/node.js";
import { TestServiceBase } from "../gen/test/v1/test_grpclib.js";
import type { TestRequest } from "../gen/test/v1/test_pb.js";
import { collect, connect, rejection, startServer } from "../harness.js";
import { call, handleAll, kinds } from "./kinds.js";

class Shout implements Partial<TestServiceBase> {
  readonly #suffix = "!";

  async unary({ text }: TestRequest) {
    return { text: text + this.#suffix };
  }
}

describe("a partial service", () => {
  test.for(kinds)("answers UNIMPLEMENTED to calls of a %s method that it does not implement", async (kind) => {
    const { stub } = await startPartial({});
    const method = { unary: "Unary", serverStream: "ServerStream", clientStream: "ClientStream", bidi: "Bidi" }[kind];
    expect(await rejection(call(stub, kind))).toMatchObject({
      status: Status.UNIMPLEMENTED,
      message: `/test.v1.TestService/${method} is not implemented by this server`,
      origin: "peer",
    });
  });

  test.for(kinds)("runs a %s method that it implements", async (kind) => {
    const { [kind]: handler } = handleAll((_context, [request]) => ({ text: `got ${request?.text}` }));
    const { stub } = await startPartial({ [kind]: handler });
    expect(await call(stub, kind, {}, { text: "a" })).toMatchObject([{ text: "got a" }]);
  });

  test("can be an instance of a class with private fields", async () => {
    const { service, stub } = await startPartial(new Shout());
    expect(service).toBeInstanceOf(TestServiceBase);
    expect((await stub.unary({ text: "a" })).text).toBe("a!");
    expect(await rejection(collect(stub.serverStream({})))).toMatchObject({ status: Status.UNIMPLEMENTED });
  });

  test("can be spied on, also where it implements nothing", async () => {
    const { service, stub } = await startPartial({});
    vi.spyOn(service, "unary").mockReturnValue({ text: "spied" });
    expect((await stub.unary({})).text).toBe("spied");
  });

  test("does not report calls of methods that it does not implement", async () => {
    const onError = vi.fn();
    const { address } = await startServer({}, { services: [TestServiceBase.partial({})], onError });
    await rejection(connect(address).unary({}));
    expect(onError).not.toHaveBeenCalled();
  });

  test("treats undefined as not implemented, and any other value that is not a function as a mistake", () => {
    expect(() => new Server([TestServiceBase.partial({ unary: undefined } as object)])).not.toThrow();
    expect(() => new Server([TestServiceBase.partial({ unary: null } as object)])).toThrow(/has no method unary/);
  });

  test.for([
    [Shout, "the class Shout. Pass an instance, created with new"],
    [undefined, "undefined"],
    [null, "null"],
    ["unary", "unary"],
  ])("is not made of %s", ([value, text]) => {
    expect(() => TestServiceBase.partial(value as object)).toThrow(
      new TypeError(`TestServiceBase.partial() takes an object with handlers, got ${text}`),
    );
  });
});

async function startPartial(handlers: Parameters<typeof TestServiceBase.partial>[0]) {
  const service = TestServiceBase.partial(handlers);
  const { address } = await startServer({}, { services: [service] });
  return { service, stub: connect(address) };
}
