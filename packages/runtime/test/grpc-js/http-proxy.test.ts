import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { Status } from "../../src/index.js";
import { handleAll } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { rejection, startServer } from "../harness.js";
import { openGrpcJs } from "./open.js";

afterEach(() => vi.unstubAllEnvs());

/** Starts an HTTP proxy, and makes it that of grpc-js. @returns the targets of the CONNECT requests */
async function startProxy({ refuses = false } = {}): Promise<readonly string[]> {
  const targets: string[] = [];
  const sockets: Socket[] = [];
  const proxy = createServer().on("connect", ({ url = "" }, near: Socket) => {
    targets.push(url);
    sockets.push(near);
    near.on("error", () => {});
    if (refuses) {
      near.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const far = connect(Number(new URL(`http://${url}`).port), "127.0.0.1", () => {
      near.write("HTTP/1.1 200 Connection established\r\n\r\n");
      near.pipe(far).pipe(near);
    });
    far.on("error", () => {});
    sockets.push(far);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  vi.stubEnv("grpc_proxy", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  vi.stubEnv("no_grpc_proxy", "direct.test");
  return targets;
}

test("grpc_proxy: calls go through the proxy, which resolves the name", async () => {
  const { port } = await startServer(handleAll(() => ({ text: "answer" })));
  const targets = await startProxy();
  // No resolver knows this name.
  const stub = new TestServiceStub(openGrpcJs(`dns:///library.invalid:${port}`));
  expect((await stub.unary({})).text).toBe("answer");
  expect((await stub.unary({})).text).toBe("answer");
  expect(targets).toEqual([`library.invalid:${port}`]);
});

test("grpc_proxy: if the proxy refuses, calls are UNAVAILABLE, of this side", async () => {
  const targets = await startProxy({ refuses: true });
  const stub = new TestServiceStub(openGrpcJs("dns:///library.invalid:443"));
  expect(await rejection(stub.unary({}))).toMatchObject({ status: Status.UNAVAILABLE, origin: "client" });
  expect(targets).toContain("library.invalid:443");
});
