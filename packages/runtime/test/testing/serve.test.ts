import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { type MethodErrors, methodErrors } from "../../src/errors/contract.js";
import { GRPCError, Status } from "../../src/index.js";
import { type ServeOptions, serve } from "../../src/testing.js";
import { call, handleAll, kinds, type TestHandlers, testService } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { moment } from "../harness.js";

const start = async (handlers: TestHandlers, options?: ServeOptions) => {
  const served = await serve([testService(handlers)], options);
  return Object.assign(served, { stub: new TestServiceStub(served.channel) });
};

test.for(kinds)("%s: a call in memory", async (kind) => {
  const requests: unknown[] = [];
  const handlers = handleAll((_, received) => {
    requests.push(received.length);
    return {};
  });
  await using served = await start(handlers);
  await call(served.stub, kind);
  expect(requests).toEqual([1]);
});

test("large messages, metadata, errors and deadlines are the same as over a network", async () => {
  await using served = await start({
    async unary({ text }, context) {
      context.trailingMetadata.set("color", "red");
      if (text === "fail") throw new GRPCError(Status.NOT_FOUND, "gone");
      return { text };
    },
    clientStream: () => new Promise(() => {}),
  });
  const text = "x".repeat(3_000_000);
  expect((await served.stub.unary({ text })).text).toBe(text);
  const { error } = await served.stub.unary.safe({ text: "fail" });
  expect([error?.status, error?.message, error?.metadata?.get("color")]).toEqual([Status.NOT_FOUND, "gone", "red"]);
  await expect(served.stub.clientStream([], { timeout: 20 })).rejects.toMatchObject({
    status: Status.DEADLINE_EXCEEDED,
  });
});

test("there is no socket, and nothing listens", async () => {
  const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCP|Pipe|TLS/.test(name));
  const before = sockets();
  await using served = await start({ unary: () => ({}) });
  await served.stub.unary({});
  expect(sockets()).toEqual(before);
  expect(served.server.connections).toMatchObject({ open: 1, accepted: 1 });
});

test("close() cancels calls in flight, and waits for nothing", async () => {
  const [running, cancelled] = [moment(), moment<unknown>()];
  const served = await start({
    unary: (_, { signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        signal.addEventListener("abort", () => cancelled.happens(signal.reason));
        running.happens();
      }),
  });
  const outcome = served.stub.unary.safe({});
  await running.promise;
  const begin = performance.now();
  await served.close();
  expect(performance.now() - begin).toBeLessThan(1000);
  expect((await outcome).error?.status).toBe(Status.CANCELLED);
  expect(await cancelled.promise).toMatchObject({ name: "StreamTerminatedError" });
  await served.close();
});

test("the server can be closed first: it finishes calls in flight", async () => {
  const [running, finish] = [moment(), moment()];
  const served = await start({
    async unary() {
      running.happens();
      await finish.promise;
      return { text: "finished" };
    },
  });
  const response = served.stub.unary({});
  await running.promise;
  const closed = served.server.close();
  finish.happens();
  expect((await response).text).toBe("finished");
  await closed;
  expect((await served.stub.unary.safe({})).error?.status).toBe(Status.UNAVAILABLE);
  await served.close();
});

test("the channel connects again when its connection has been lost", async () => {
  await using served = await start({ unary: () => ({}) }, { server: { maxConnectionIdle: 20 } });
  await vi.waitFor(() => expect(served.channel.state).toBe("IDLE"));
  await served.stub.unary({});
  expect(served.server.connections.accepted).toBe(2);
});

test("options of both sides", async () => {
  const seen: unknown[] = [];
  const channel: ServeOptions["channel"] = { metadata: { color: "red" } };
  const server: ServeOptions["server"] = { onError: (error) => seen.push(error) };
  await using served = await start(
    {
      unary(_, { metadata }) {
        seen.push(metadata.get("color"));
        throw new Error("a bug");
      },
    },
    { channel, server },
  );
  await served.stub.unary.safe({});
  expect(seen).toEqual(["red", expect.objectContaining({ message: "a bug" })]);
});

test("mistakes are refused", async () => {
  await expect(serve([], { server: { color: 1 } as never })).rejects.toThrow('A server has no option "color"');
  await expect(serve([], { interceptors: [] } as never)).rejects.toThrow('serve() has no option "interceptors"');
  await expect(serve([], { server: { onError: 1 as never } })).rejects.toThrow("onError takes a function");
});

test("a program that does not close it ends by itself", async () => {
  const program = `
    import { serve } from "./dist/testing.js";
    const { channel } = await serve([]);
    console.log(channel.state);
  `;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    cwd: `${import.meta.dirname}/../..`,
    timeout: 20_000,
  });
  expect((await run).stdout).toBe("READY\n");
});

type Factories = MethodErrors<GRPCError> & Record<"GONE", (message: string) => GRPCError>;
const Unary = methodErrors<Factories>(TestService.method.unary, { GONE: { status: 5, reason: "GONE", domain: "d" } });

async function startWithContract(options?: ServeOptions) {
  const service = testService({
    unary({ text }) {
      throw text === "gone" ? Unary.GONE("gone") : new GRPCError(Status.DATA_LOSS, "burnt");
    },
  });
  const served = await serve([Object.assign(service, { $errors: { Unary } })], options);
  return Object.assign(served, { stub: new TestServiceStub(served.channel) });
}

test("errors that keep their contract do not make close() fail", async () => {
  const served = await startWithContract();
  await served.stub.unary.safe({ text: "gone" });
  await served.close();
});

test("errors that do not keep their contract make close() fail, once", async () => {
  vi.stubEnv("NODE_ENV", "production");
  const log = vi.spyOn(console, "error");
  const served = await startWithContract();
  await served.stub.unary.safe({});
  await expect(served.close()).rejects.toMatchObject({
    message: expect.stringMatching(/^Errors did not keep their contracts:\n- \S+Unary failed with DATA_LOSS, but/),
    errors: [{ name: "ContractDrift", cause: { message: "burnt" } }],
  });
  await served.close();
  // That is enough. It is not logged as well.
  expect(log).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("await using makes the test fail, too", async () => {
  const run = async () => {
    await using served = await startWithContract();
    await served.stub.unary.safe({});
  };
  await expect(run()).rejects.toThrow("Errors did not keep their contracts");
});

test('with contracts: "off" they do not', async () => {
  const served = await startWithContract({ server: { contracts: "off" } });
  await served.stub.unary.safe({});
  await served.close();
});

test("an onError of the test gets them as well", async () => {
  const seen: unknown[] = [];
  const served = await startWithContract({ server: { onError: (error) => seen.push(error) } });
  await served.stub.unary.safe({});
  await expect(served.close()).rejects.toThrow("DATA_LOSS");
  expect(seen).toMatchObject([{ name: "ContractDrift" }]);
});
