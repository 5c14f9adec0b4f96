import { expect, test, vi } from "vitest";
import { Status } from "../../src/index.js";
import { compilePrograms } from "../attacks/compile.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { rejection } from "../harness.js";
import { startDnsServer } from "./dns-server.js";
import { Load } from "./load.js";
import { openGrpcJs } from "./open.js";
import { Replica } from "./replica.js";

// Without it, grpc-js asks the operating system, and ignores the DNS server in the target.
vi.hoisted(() => {
  process.env["GRPC_NODE_USE_ALTERNATIVE_RESOLVER"] = "true";
});

const folder = compilePrograms(new URL("programs", import.meta.url));

/** How long to wait for what takes some hundred milliseconds on a quiet machine. */
const waiting = { timeout: 15_000, interval: 10 };

// Elsewhere, loopback has only one address.
const onLinux = test.skipIf(process.platform !== "linux");

onLinux(
  "three replicas behind a name: one is killed, and one is added under load, and no call fails",
  async () => {
    const dns = await startDnsServer();
    const a = await Replica.start(folder, "127.0.0.2");
    const [b, c, d] = await Promise.all([3, 4, 5].map((host) => Replica.start(folder, `127.0.0.${host}`, a.port)));
    if (b === undefined || c === undefined || d === undefined) throw new Error("unreachable");
    dns.addresses.set("library.test", [a.host, b.host, c.host]);
    let retries = 0;
    const stub = new TestServiceStub(
      openGrpcJs(`dns://${dns.authority}/library.test:${a.port}`, {
        // grpc-js may choose the replica that was killed several times in a row until it has noticed.
        retry: { initialBackoff: 100, methods: () => true, onRetry: () => retries++ },
        channelOptions: {
          "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
          "grpc.dns_min_time_between_resolutions_ms": 50,
          "grpc.initial_reconnect_backoff_ms": 50,
        },
      }),
    );
    const load = new Load(stub);

    await vi.waitFor(() => expect(load.recent()).toEqual([a.host, b.host, c.host]), waiting);
    expect(await c.die()).toBe("SIGKILL");
    await vi.waitFor(() => expect(load.recent()).toEqual([a.host, b.host]), waiting);
    dns.addresses.set("library.test", [a.host, b.host, d.host]);
    await vi.waitFor(() => expect(load.recent()).toEqual([a.host, b.host, d.host]), waiting);
    await load.stop();

    expect(load.failures).toEqual([]);
    expect(retries).toBeGreaterThan(0);
  },
  60_000,
);

test("a name that does not exist is UNAVAILABLE, of this side", async () => {
  const dns = await startDnsServer();
  const stub = new TestServiceStub(openGrpcJs(`dns://${dns.authority}/nobody.test:443`));
  expect(await rejection(stub.unary({}))).toMatchObject({
    status: Status.UNAVAILABLE,
    origin: "client",
    message: `Name resolution failed for target dns://${dns.authority}/nobody.test:443`,
  });
  expect(dns.queries).toContain("nobody.test");
});
