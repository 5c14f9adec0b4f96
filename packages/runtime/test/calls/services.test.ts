import { describe, expect, test, vi } from "vitest";
import { Server } from "../../src/node.js";
import { TestServiceBase } from "../gen/test/v1/test_grpclib.js";
import { collect, connect, rejection, startServer } from "../harness.js";
import { handleAll } from "./kinds.js";

class Echo extends TestServiceBase {
  readonly #prefix: string;

  constructor(prefix: string) {
    super();
    this.#prefix = prefix;
  }

  override async unary({ text }: { text: string }) {
    return { text: this.#prefix + text };
  }

  override async *serverStream({ text }: { text: string }) {
    yield { text: this.#prefix + text };
  }

  override async clientStream(requests: AsyncIterable<{ text: string }>) {
    return { text: this.#prefix + (await collect(requests)).map(({ text }) => text).join() };
  }

  override async *bidi(requests: AsyncIterable<{ text: string }>) {
    for await (const { text } of requests) yield { text: this.#prefix + text };
  }
}

describe("a service", () => {
  test("it can be a class whose methods use its fields", async () => {
    const { stub } = await startEcho(new Echo("> "));
    expect((await stub.unary({ text: "a" })).text).toBe("> a");
    expect((await collect(stub.serverStream({ text: "a" }))).map(({ text }) => text)).toEqual(["> a"]);
    expect((await stub.clientStream([{ text: "a" }, { text: "b" }])).text).toBe("> a,b");
    expect((await collect(stub.bidi([{ text: "a" }, { text: "b" }]))).map(({ text }) => text)).toEqual(["> a", "> b"]);
  });

  test("it can be an object whose functions use other properties", async () => {
    const service = TestServiceBase.of({
      ...handleAll(() => ({})),
      prefix: "> ",
      async unary(this: { prefix: string }, { text }: { text: string }) {
        return { text: this.prefix + text };
      },
    } as Parameters<typeof TestServiceBase.of>[0]);
    const { stub } = await startEcho(service);
    expect(service).toBeInstanceOf(TestServiceBase);
    expect((await stub.unary({ text: "a" })).text).toBe("> a");
  });
});

describe("a service can be spied on", () => {
  const services: Record<string, () => TestServiceBase> = {
    "an instance of a class": () => new Echo("> "),
    "an object of of()": () =>
      TestServiceBase.of({ ...handleAll(() => ({})), unary: ({ text }) => ({ text: `> ${text}` }) }),
  };

  test.for(Object.keys(services))("%s, also while the server runs", async (name) => {
    const service = services[name]?.() as TestServiceBase;
    const { stub } = await startEcho(service);
    expect((await stub.unary({ text: "a" })).text).toBe("> a");
    const spy = vi.spyOn(service, "unary");
    expect((await stub.unary({ text: "b" })).text).toBe("> b");
    expect(spy).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ text: "b" }), expect.anything());
    spy.mockResolvedValue({ text: "mocked" });
    expect((await stub.unary({ text: "c" })).text).toBe("mocked");
    spy.mockRestore();
    expect((await stub.unary({ text: "d" })).text).toBe("> d");
  });

  test.for(Object.keys(services))("%s, behind a Proxy", async (name) => {
    const methods: unknown[] = [];
    const service = new Proxy(services[name]?.() as TestServiceBase, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          methods.push(key);
          return value.apply(target, args);
        };
      },
    });
    const { stub } = await startEcho(service);
    expect((await stub.unary({ text: "a" })).text).toBe("> a");
    expect(methods).toEqual(["unary"]);
  });
});

describe("new Server()", () => {
  test("the error for a missing method names it", () => {
    class Incomplete extends (TestServiceBase as unknown as new () => object) {
      unary() {}
      serverStream() {}
      bidi() {}
    }
    expect(() => new Server([new Incomplete() as never])).toThrow(
      new TypeError("An instance of Incomplete has no method clientStream, which test.v1.TestService declares."),
    );
  });

  test("the error for a function missing from of() names it", () => {
    const { bidi: _, ...incomplete } = handleAll(() => ({}));
    const service = TestServiceBase.of(incomplete as never);
    expect(() => new Server([service])).toThrow(TypeError);
    expect(() => new Server([service])).toThrow(/bidi.*test\.v1\.TestService/);
  });

  test("a method that is not a function is missing", () => {
    const service = TestServiceBase.of({ ...handleAll(() => ({})), unary: "unary" as never });
    expect(() => new Server([service])).toThrow(/unary/);
  });

  const notServices: Record<string, unknown> = {
    "a plain object": handleAll(() => ({})),
    "the class instead of an instance": Echo,
    undefined: undefined,
    null: null,
    "a string": "test.v1.TestService",
  };
  test.for(Object.entries(notServices))("%s is not a service", ([, value]) => {
    expect(() => new Server([value as never])).toThrow(TypeError);
    expect(() => new Server([value as never])).toThrow(/is not a service/);
  });

  test("the same service cannot be passed twice", () => {
    const twice = [new Echo("1"), TestServiceBase.of(handleAll(() => ({})))];
    expect(() => new Server(twice)).toThrow(TypeError);
    expect(() => new Server(twice)).toThrow(/test\.v1\.TestService.*twice/);
  });

  test("without services, the server answers every call with UNIMPLEMENTED", async () => {
    const { address } = await startServer({}, { services: [] });
    expect(await rejection(connect(address).unary({}))).toMatchObject({
      status: 12,
      origin: "peer",
      message: expect.stringContaining("/test.v1.TestService/Unary"),
    });
  });
});

async function startEcho(service: TestServiceBase) {
  const { address } = await startServer({}, { services: [service] });
  return { stub: connect(address) };
}
