import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Addresses, type SocketAddress } from "../../src/http2/addresses.js";
import { Status } from "../../src/index.js";
import { parseAddress } from "../../src/wire/address.js";
import { selfSigned } from "../calls/certificate.js";
import { call, kinds } from "../calls/kinds.js";
import { TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { connect, openChannel, rejection } from "../harness.js";
import { type Behaviour, fakeHost, fakeName, SLOW_MS, startFakeHost } from "./fake-host.js";
import { respond, responseFrame } from "./raw-server.js";

// A host with several addresses: https://github.com/grpc/proposal/blob/master/A61-IPv4-IPv6-dualstack-backends.md

/** A host with one server for each behaviour, until the test is over. */
async function startHost(...behaviours: readonly Behaviour[]) {
  const host = await startFakeHost(...behaviours);
  onTestFinished(() => host.close());
  return { address: `http://${fakeName}:${host.port}`, connections: host.connections };
}

/** Lets the name of the host resolve to these addresses until the test is over. */
function resolveTo(...addresses: readonly string[]): void {
  onTestFinished(fakeHost(addresses));
}

describe("a host with several addresses", () => {
  const rows: readonly [behaviours: readonly Behaviour[], answeredBy: string, within: number][] = [
    [["answers"], "0", 250],
    [["answers", "answers"], "0", 250],
    [["refuses", "answers"], "1", 250],
    [["closes", "answers"], "1", 250],
    [["refuses", "closes", "refuses", "answers"], "3", 250],
    [["is silent", "answers"], "1", 550],
    [["is silent", "is silent", "answers"], "2", 800],
    // An attempt goes on while the others run.
    [["answers slowly", "refuses"], "0", SLOW_MS + 250],
    [["answers slowly", "is silent"], "0", SLOW_MS + 250],
    [["answers slowly", "answers"], "1", 550],
    [["answers slowly", "closes", "is silent"], "0", SLOW_MS + 250],
  ];
  test.for(rows)("%j: address %s answers within %d ms", async ([behaviours, answeredBy, within]) => {
    const { address } = await startHost(...behaviours);
    const stub = connect(address);
    const start = performance.now();
    expect(await stub.unary({}, { timeout: 5000 })).toMatchObject({ text: answeredBy });
    // Other work on the machine may take time, too.
    expect(performance.now() - start).toBeLessThan(within + 1000);
    for (const kind of kinds) expect(await call(stub, kind)).toMatchObject([{ text: answeredBy }]);
  });

  test("an address that has failed is tried after the others for a while", async () => {
    const { address, connections } = await startHost("closes", "answers");
    for (let round = 0; round < 3; round++) await connect(address).unary({});
    // Each channel remembers its own.
    expect(connections).toEqual([3, 3]);
    const addresses = new Addresses(parseAddress(address, undefined));
    const order = () =>
      new Promise<readonly SocketAddress[]>((resolve) => addresses.resolve((_error, found) => resolve(found)));
    const [first, second] = await order();
    addresses.onFailed(first as SocketAddress);
    expect(await order()).toEqual([second, first]);
    addresses.onFailed(second as SocketAddress);
    expect(await order()).toEqual([first, second]);
    addresses.onConnected(second as SocketAddress);
    expect(await order()).toEqual([second, first]);
  });

  test("connectTimeout limits the time for all of them", async () => {
    const { address } = await startHost("is silent", "refuses", "is silent");
    const start = performance.now();
    const error = await rejection(connect(address, { connectTimeout: 700 }).unary({}));
    expect(error).toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringContaining(`No connection to ${address.slice("http://".length)} within 700 ms`),
      cause: { cause: { code: "ECONNREFUSED" } },
    });
    expect(performance.now() - start).toBeGreaterThan(690);
    expect(performance.now() - start).toBeLessThan(2500);
  });

  test("if none can be reached, the error tells why for each", async () => {
    const { address } = await startHost("closes", "refuses");
    const error = await rejection(connect(address).unary({}));
    expect(error).toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringContaining("ECONNREFUSED 127.0.0.3"),
    });
    expect((error as Error).message).toContain("was lost");
  });

  test("addresses of both families are tried in turn", async () => {
    resolveTo("::1", "::2", "::3", "127.0.0.1", "127.0.0.2");
    const addresses = new Addresses(parseAddress("http://books.example.test:80", undefined));
    const found = await new Promise<readonly SocketAddress[]>((resolve) => addresses.resolve((_, all) => resolve(all)));
    expect(found.map((each) => ("host" in each ? each.host : undefined))).toEqual([
      "::1",
      "127.0.0.1",
      "::2",
      "127.0.0.2",
      "::3",
    ]);
  });

  test("failures of addresses that are no longer found are forgotten after a while", async () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(10);
    onTestFinished(() => now.mockRestore());
    let found = "127.0.0.1";
    const lookup = (_host: string, _options: object, callback: (...result: unknown[]) => void) =>
      callback(null, [{ address: found, family: 4 }]);
    const addresses = new Addresses(parseAddress("http://books.example:80", undefined), lookup as never);
    const resolve = () => addresses.resolve(() => {});
    resolve();
    addresses.onFailed({ host: "127.0.0.1", port: 80 });
    found = "127.0.0.2";
    now.mockReturnValue(130_000);
    resolve();
    now.mockReturnValue(1000);
    found = "127.0.0.1";
    resolve();
    expect(addresses.describe()).toEqual([{ address: "127.0.0.1:80" }]);
  });

  test("a host name that does not exist is UNAVAILABLE", async () => {
    expect(await rejection(connect("http://nowhere.invalid:80").unary({}))).toMatchObject({
      status: Status.UNAVAILABLE,
      message: expect.stringMatching(/nowhere\.invalid/),
    });
  });
});

type Found = (...result: unknown[]) => void;
const noAddress =
  "tls.lookup found no address of books.example. " +
  'It must call back with a list such as [{ address: "192.0.2.1", family: 4 }].';

describe("a lookup of the program that", () => {
  const mistakes: readonly [title: string, lookup: (callback: Found) => void, message: string][] = [
    ["ignores the option `all`", (callback) => callback(null, "127.0.0.1", 4), noAddress],
    ["does so later", (callback) => void setImmediate(() => callback(null, "127.0.0.1", 4)), noAddress],
    ["finds nothing", (callback) => callback(null, []), noAddress],
    ["finds nonsense", (callback) => void setImmediate(() => callback(null, [null, {}])), noAddress],
    ["calls back with nothing", (callback) => callback(), noAddress],
    ["calls back with a text as its error", (callback) => callback("no"), noAddress],
    ["fails", (callback) => callback(new Error("no names today")), "no names today"],
    [
      "throws",
      () => {
        throw new Error("no names today");
      },
      "no names today",
    ],
  ];

  test("rejects makes calls UNAVAILABLE, and does not end the process", async () => {
    const tls = { lookup: () => Promise.reject(new Error("no resolver")) };
    const channel = openChannel("https://books.example:1", { tls: tls as object, backoff: { initial: 60_000 } });
    const error = await rejection(new TestServiceStub(channel).unary({}, { timeout: 2000 }));
    expect(error).toMatchObject({ status: Status.UNAVAILABLE, message: "no resolver" });
  });

  test.for(mistakes)("%s makes calls UNAVAILABLE at once", async ([, lookup, message]) => {
    const tls = { lookup: (_host: string, _options: object, callback: Found) => lookup(callback) };
    const channel = openChannel("https://books.example:1", { tls: tls as object, backoff: { initial: 60_000 } });
    const error = await rejection(new TestServiceStub(channel).unary({}, { timeout: 2000 }));
    expect(error).toMatchObject({ status: Status.UNAVAILABLE, message });
    expect(channel.snapshot()).toMatchObject({ state: "TRANSIENT_FAILURE", waiting: 0, calls: { inFlight: 0 } });
  });
});

describe("the name of the server", () => {
  const credentials = selfSigned();

  /** A TLS server that answers with the server name (SNI) and the `:authority` that it got. */
  async function startNaming(): Promise<number> {
    const server = createSecureServer(credentials);
    server.on("sessionError", () => {});
    server.on("stream", (stream, headers) => {
      stream.resume();
      const socket = stream.session?.socket as TLSSocket | undefined;
      const text = `${socket?.servername} ${headers[":authority"]}`;
      respond(stream, { body: responseFrame({ text }), trailers: { "grpc-status": "0" } });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  }

  const tls = { ca: credentials.cert, checkServerIdentity: () => undefined };
  test.for<[host: string, options: object, sni: string, authority: string]>([
    ["books.example.test", {}, "books.example.test", "books.example.test:PORT"],
    // TLS has no names with a final dot (RFC 6066, section 3). Go refuses the handshake otherwise.
    ["books.example.test.", {}, "books.example.test", "books.example.test.:PORT"],
    ["127.0.0.1", {}, "false", "127.0.0.1:PORT"],
    ["books.example.test", { authority: "other.example.test" }, "other.example.test", "other.example.test"],
    ["127.0.0.1", { authority: "other.example.test:7" }, "other.example.test", "other.example.test:7"],
    [
      "books.example.test",
      { authority: "other.example.test", tls: { ...tls, servername: "third.example.test" } },
      "third.example.test",
      "other.example.test",
    ],
  ])("%s with %j: SNI %s, :authority %s", async ([host, options, sni, authority]) => {
    resolveTo("127.0.0.1");
    const port = await startNaming();
    const stub = connect(`https://${host}:${port}`, { tls, ...options });
    expect((await stub.unary({})).text).toBe(`${sni} ${authority.replace("PORT", String(port))}`);
  });

  test.for([
    ["", ""],
    ["http://host", "http://host"],
    ["host/path", "host/path"],
    ["a b", "a b"],
    ["user:S3cret@host", "***@host"],
  ])("authority: %j is a TypeError", ([authority, shown]) => {
    expect(() => connect("http://127.0.0.1:1", { authority: String(authority) })).toThrow(
      new TypeError(`authority takes "host" or "host:port", got ${JSON.stringify(shown)}`),
    );
  });
});
