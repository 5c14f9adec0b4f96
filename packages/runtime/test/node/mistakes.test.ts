import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server as NetServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeConnectFailure } from "../../src/http2/connect-failure.js";
import { GRPCError, Status } from "../../src/index.js";
import { Channel, type ChannelOptions, Server } from "../../src/node.js";
import { parseAddress } from "../../src/wire/address.js";
import { type Credentials, selfSigned } from "../calls/certificate.js";
import { call, handleAll, kinds, testService } from "../calls/kinds.js";
import { TestServiceBase, TestServiceStub } from "../gen/test/v1/test_grpclib.js";
import { TestRequestSchema } from "../gen/test/v1/test_pb.js";
import { connect, openChannel, rejection, startPair, startServer } from "../harness.js";

// Mistakes of users, with the errors that they get. An error names what is wrong and says what to do.

const address = "http://127.0.0.1:50051";
const service = testService({});
const any = (value: unknown) => value as never;

describe("a wrong argument is a TypeError", () => {
  const mistakes: Record<string, [action: () => unknown, message: string]> = {
    "an address that is not set": [
      () => new Channel(any(undefined)),
      'Invalid address "undefined": use "http://host:port", "https://host:port" or "unix:/path"',
    ],
    "options that are null": [
      () => new Channel(address, any(null)),
      "A channel takes an object with options, got null",
    ],
    "a misspelt option of a channel": [
      () => new Channel(address, any({ conectTimeout: 5 })),
      'A channel has no option "conectTimeout". It has registry, metadata, interceptors, ',
    ],
    "a misspelt option of a server": [
      () => new Server([service], any({ maxConcurrentStream: 5 })),
      'A server has no option "maxConcurrentStream". It has registry, interceptors, onError, ',
    ],
    "a misspelt option of close()": [
      () => new Server([service]).close(any({ gracePeriod: 5 })),
      'close() has no option "gracePeriod". It has lameDuck, grace.',
    ],
    "a grace period without a name": [
      () => new Server([service]).close(any(5)),
      "close() takes an object with options, got 5",
    ],
    "a registry of a channel that is none": [
      () => new Channel(address, { registry: any({}) }),
      "registry takes a DetailRegistry, as in new DetailRegistry(BookSchema), got ",
    ],
    "a registry of a server that is a list of types": [
      () => new Server([service], { registry: any([TestRequestSchema]) }),
      "registry takes a DetailRegistry, as in new DetailRegistry(BookSchema), got ",
    ],
    "a registry of fromJSON() that is none": [
      () => GRPCError.fromJSON(new GRPCError(Status.NOT_FOUND).toJSON(), any(TestRequestSchema)),
      "registry takes a DetailRegistry, as in new DetailRegistry(BookSchema), got ",
    ],
    "an onError that is not a function": [
      () => new Server([service], { onError: any("log") }),
      "onError takes a function, got log",
    ],
    "no services": [
      () => new Server(any(undefined)),
      "A server takes a list of services, as in [new Library()], got undefined",
    ],
    "a service without a list": [() => new Server(any(service)), "A server takes a list of services"],
    "a class instead of its instance": [
      () => new Server([any(class Library extends (TestServiceBase as unknown as new () => object) {})]),
      "The class Library is not a service, but its instances are. Pass one, created with new.",
    ],
    "an object that is not a service": [
      () => new Server([any({})]),
      "An instance of Object is not a service. Extend a generated …Base class, or use its of({ … }).",
    ],
    "an object without a prototype": [
      () => new Server([any(Object.create(null))]),
      "An instance of object is not a service. Extend a generated …Base class",
    ],
    "listen() without options": [
      () => new Server([service]).listen(any(undefined)),
      "listen() takes { host, port } or { path }, got undefined",
    ],
    "listen() with empty options": [
      () => new Server([service]).listen(any({})),
      "listen() takes { host, port } or { path }, got options with nothing",
    ],
    "listen() without a place": [
      () => new Server([service]).listen({ host: "0.0.0.0", tls: { key: "secret", cert: "" } }),
      "listen() takes { host, port } or { path }, got options with host, tls",
    ],
    "listen() with only a port": [
      () => new Server([service]).listen(any(50051)),
      "listen() takes { host, port } or { path }, got 50051",
    ],
    "TLS without a key": [
      () => new Server([service]).listen({ port: 0, tls: {} }),
      "listen() needs the key and the certificate of the server: tls: { key, cert }",
    ],
    "a stub without a channel": [
      () => new TestServiceStub(any(undefined)),
      'TestServiceStub takes a transport, as in new Channel("http://host:port") or connectTransport(…), got undefined',
    ],
    "a stub of an address": [() => new TestServiceStub(any(address)), `got ${address}`],
    "an error with the status OK": [() => new GRPCError(Status.OK), "A GRPCError needs a status other than OK, got 0"],
    "an error with a status by name": [
      () => new GRPCError(any("NOT_FOUND")),
      "A GRPCError needs a status other than OK, got NOT_FOUND",
    ],
  };

  test.for(Object.entries(mistakes))("%s", async ([, [action, message]]) => {
    const error = await rejection(new Promise((resolve) => resolve(action())));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(message);
  });

  test("a misspelt option of a call", async () => {
    const { stub } = await startPair({});
    for (const kind of kinds) {
      const error = await rejection(call(stub, kind, any({ timeOut: 5 })));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toContain('A call has no option "timeOut". It has timeout, deadline, ');
    }
  });
});

test("a misspelt option of sendMessage() is a TypeError, and the message can be sent again", async () => {
  const { stub } = await startPair(handleAll((_context, requests) => ({ text: String(requests.length) })));
  await stub.clientStream.open(async (stream) => {
    expect(await rejection(stream.sendMessage({}, any({ compres: false })))).toEqual(
      new TypeError('sendMessage() has no option "compres". It has compress.'),
    );
    expect(await rejection(stream.sendMessage({}, any(false)))).toEqual(
      new TypeError("sendMessage() takes an object with options, got false"),
    );
    await stream.sendMessage({});
    await stream.end();
    expect(await stream.recvMessage()).toMatchObject({ text: "1" });
  });
});

test("an address may be a URL", async () => {
  const { address } = await startServer(handleAll(() => ({ text: "found" })));
  expect(await new TestServiceStub(openChannel(new URL(address))).unary({})).toMatchObject({ text: "found" });
});

describe("a connection that cannot be established is UNAVAILABLE, and says why", () => {
  const credentials: Credentials = selfSigned();

  async function failure(address: string, options: ChannelOptions = {}): Promise<string> {
    const error = await rejection(connect(address, options).unary({}));
    expect(error).toMatchObject({ name: "GRPCError", status: Status.UNAVAILABLE, origin: "client" });
    expect((error as Error).cause).toBeInstanceOf(Error);
    return (error as Error).message;
  }

  /** Starts a server of our own. It reports the failed handshakes. */
  async function start(tls?: Credentials): Promise<string> {
    const { port, reports } = await startServer(
      handleAll(() => ({})),
      tls === undefined ? {} : { listen: { tls } },
    );
    onTestFinished(() => void reports.take());
    return `127.0.0.1:${port}`;
  }

  /** Starts a server of HTTP/1.1 only. */
  async function startHttp1(server: NetServer & { closeAllConnections(): void }): Promise<string> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("https:// to a server without TLS", async () => {
    const host = await start();
    expect(await failure(`https://${host}`)).toBe(
      `${host} does not use TLS. Connect without it, to an http:// address.`,
    );
  });

  test("http:// to a server with TLS", async () => {
    const host = await start(credentials);
    expect(await failure(`http://${host}`)).toBe(
      `The connection to ${host} was lost. If it uses TLS, connect to an https:// address.`,
    );
  });

  test("a certificate of an unknown authority", async () => {
    const host = await start(credentials);
    const [begin = "", end = ""] = (await failure(`https://${host}`)).split("self-signed certificate");
    expect(begin).toBe(`The certificate of ${host} is not trusted: `);
    // In between, Node 24 names one of its own options.
    expect(end).toMatch(/\. Pass its authority with tls: \{ ca \}\.$/);
  });

  test("a certificate for another name", async () => {
    const host = await start(credentials);
    const tls = { ca: credentials.cert, servername: "example.com" };
    expect(await failure(`https://${host}`, { tls })).toMatch(`The certificate of ${host} is not valid: Hostname/IP`);
  });

  test("a server that requires a certificate of the client", async () => {
    const { port, reports } = await startServer(
      handleAll(() => ({})),
      { listen: { tls: { ...credentials, requestCert: true, rejectUnauthorized: true } } },
    );
    onTestFinished(() => void reports.take());
    const message = await failure(`https://127.0.0.1:${port}`, { tls: { ca: credentials.cert } });
    expect(message).toMatch(/TLS handshake with .* failed: .*certificate|was lost/);
  });

  test("http:// to a server of HTTP/1.1", async () => {
    const host = await startHttp1(createHttpServer());
    expect(await failure(`http://${host}`)).toBe(
      `${host} does not speak HTTP/2. If it uses TLS, connect to an https:// address.`,
    );
  });

  test("https:// to a server of HTTP/1.1", async () => {
    const host = await startHttp1(createHttpsServer({ ...credentials }));
    expect(await failure(`https://${host}`, { tls: { ca: credentials.cert } })).toMatch(
      new RegExp(`^${host} does not (offer HTTP/2 over TLS|speak HTTP/2)\\.$`),
    );
  });

  test("all addresses of a host name refuse the connection", () => {
    const errors = ["127.0.0.1:1", "[::1]:1"].map((place) => new Error(`connect ECONNREFUSED ${place}`));
    expect(describeConnectFailure(new AggregateError(errors), parseAddress("http://localhost:1", undefined))).toBe(
      "connect ECONNREFUSED 127.0.0.1:1; connect ECONNREFUSED [::1]:1",
    );
  });

  test("a unix socket that does not exist", async () => {
    expect(await failure("unix:/nowhere/socket")).toBe("connect ENOENT /nowhere/socket");
  });
});
