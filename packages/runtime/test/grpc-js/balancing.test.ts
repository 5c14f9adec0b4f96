import { experimental } from "@grpc/grpc-js";
import { expect, test, vi } from "vitest";
import { handleAll } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { startServer, type TestServer } from "../harness.js";
import { Load } from "./load.js";
import { openGrpcJs } from "./open.js";

type Listener = experimental.ResolverListener;

/** Names whose addresses change: `replicas:name`. */
class Replicas {
  static readonly addresses = new Map<string, readonly number[]>();
  static readonly #listeners = new Set<() => void>();
  readonly #report: () => void;

  constructor(target: experimental.GrpcUri, listener: Listener) {
    this.#report = () => {
      const ports = Replicas.addresses.get(target.path) ?? [];
      const endpoints = ports.map((port) => ({ addresses: [{ host: "127.0.0.1", port }] }));
      listener(experimental.statusOrFromValue(endpoints), {}, null, "");
    };
    Replicas.#listeners.add(this.#report);
  }

  static set(name: string, servers: readonly TestServer[]): void {
    Replicas.addresses.set(
      name,
      servers.map(({ port }) => port),
    );
    for (const report of Replicas.#listeners) report();
  }

  static getDefaultAuthority(target: experimental.GrpcUri): string {
    return target.path;
  }

  updateResolution(): void {
    setImmediate(this.#report);
  }

  destroy(): void {
    Replicas.#listeners.delete(this.#report);
  }
}

experimental.registerResolver("replicas", Replicas);

/** How long to wait for what takes some hundred milliseconds on a quiet machine. */
const waiting = { timeout: 15_000, interval: 10 };

const channelOptions = { "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }) };

/** A server whose responses have its name. */
const replica = (text: string) =>
  startServer(
    handleAll(async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return { text };
    }),
  );

/** How many of `count` calls each server answers. */
async function shares(stub: TestServiceStub, count: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const { text } = await stub.unary({});
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

test("round_robin sends calls to all addresses of ipv4:", async () => {
  const servers = [await replica("a"), await replica("b"), await replica("c")];
  const target = `ipv4:${servers.map(({ port }) => `127.0.0.1:${port}`).join()}`;
  const stub = new TestServiceStub(openGrpcJs(target, { channelOptions }));
  await expect.poll(async () => Object.keys(await shares(stub, 6)).sort()).toEqual(["a", "b", "c"]);
  expect(await shares(stub, 30)).toEqual({ a: 10, b: 10, c: 10 });
});

test("pick_first sends all calls to one address", async () => {
  const servers = [await replica("a"), await replica("b")];
  const target = `ipv4:${servers.map(({ port }) => `127.0.0.1:${port}`).join()}`;
  expect(Object.values(await shares(new TestServiceStub(openGrpcJs(target)), 20))).toEqual([20]);
});

test("one of three replicas ends and another one is added under load: no call fails", async () => {
  const [a, b, c] = [await replica("a"), await replica("b"), await replica("c")] as const;
  Replicas.set("library", [a, b, c]);
  const retry = { initialBackoff: 10, methods: () => true } as const;
  const stub = new TestServiceStub(openGrpcJs("replicas:library", { channelOptions, retry }));
  const load = new Load(stub);

  await vi.waitFor(() => expect(load.recent()).toEqual(["a", "b", "c"]), waiting);
  await c.server.close({ grace: 1_000 });
  await vi.waitFor(() => expect(load.recent()).toEqual(["a", "b"]), waiting);
  const d = await replica("d");
  Replicas.set("library", [a, b, d]);
  await vi.waitFor(() => expect(load.recent()).toEqual(["a", "b", "d"]), waiting);
  await load.stop();

  expect(load.failures).toEqual([]);
}, 60_000);
