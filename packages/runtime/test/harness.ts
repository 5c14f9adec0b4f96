import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { afterAll, expect, onTestFinished } from "vitest";
import type { ClientInterceptor, ReportInfo, ServerInterceptor, Service } from "../src/index.js";
import { Channel, type ChannelOptions, Server, type ServerListenOptions, type ServerOptions } from "../src/node.js";
import { socketPair } from "../src/testing/socket-pair.js";
import { type TestHandlers, testService } from "./calls/kinds.js";
import { TestServiceStub } from "./gen/test/v1/test_grpclib.js";
import { listenTcp, type TcpListener } from "./tcp-listener.js";

/** The time within which a server must close after a test. A server that needs longer has calls left over. */
const GRACE_MS = 4_000;

/** An error that a server reported to `onError`. */
export interface Report {
  readonly error: unknown;
  readonly info: ReportInfo;
}

/** The reports of a server. A test fails if it does not take all of them. */
export class Reports {
  #list: Report[] = [];
  #arrived: (() => void) | undefined;

  add(report: Report): void {
    this.#list.push(report);
    this.#arrived?.();
  }

  /** Takes all reports so far, which marks them as expected. */
  take(): Report[] {
    return this.#list.splice(0);
  }

  /** Takes the next report, as soon as there is one. */
  async next(): Promise<Report> {
    for (;;) {
      const report = this.#list.shift();
      if (report !== undefined) return report;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}

/** A server of the test service. */
export interface TestServer {
  readonly address: string;
  readonly port: number;
  readonly server: Server;
  readonly reports: Reports;
}

/** Options of a {@link TestServer}. */
export interface TestServerOptions extends ServerOptions {
  /** Where to listen, and the TLS options. Default: a free port, without TLS. */
  readonly listen?: ServerListenOptions;
  /** Services to run instead of the test service. */
  readonly services?: readonly Service[];
}

/**
 * How many interceptors that do nothing every channel and server has. Calls must be the same as without: the project
 * "intercepted" runs the tests of calls like this.
 */
const passing = Number(process.env["INTERCEPTORS"] ?? 0);

export const serverInterceptors = Array.from({ length: passing }, (): ServerInterceptor => (_call, next) => next());

export const clientInterceptors = Array.from(
  { length: passing },
  (): ClientInterceptor => async (_call, next) => next(),
);

/** Some projects use transports over grpc-js or Connect instead of `Channel`s. */
const otherTransport = await openerOf(process.env["TRANSPORT"]);

async function openerOf(transport: string | undefined) {
  if (transport === undefined) return undefined;
  return transport === "grpc-js" ? await import("./grpc-js/open.js") : await import("./connect/open.js");
}

/** Instead of `Server`s, the project "connect-routes" uses services behind Connect's adapter for Node. */
const behindConnect = process.env["SERVER"] === "connect" ? await import("./connect/routes-server.js") : undefined;

/** Starts a server of the test service. It is closed when the test is over. */
export async function startServer(handlers: TestHandlers, options: TestServerOptions = {}): Promise<TestServer> {
  const { listen } = options;
  const { server, reports } = createServer(handlers, options);
  const { port } = await server.listen({ host: "127.0.0.1", port: 0, ...listen });
  const scheme = listen?.tls === undefined ? "http" : "https";
  return { address: `${scheme}://127.0.0.1:${port}`, port, server, reports };
}

/** Creates a server of the test service that does not listen. It is closed when the test is over. */
function createServer(
  handlers: TestHandlers,
  { listen: _, services = [testService(handlers)], ...options }: TestServerOptions = {},
): Pick<TestServer, "server" | "reports"> {
  const reports = new Reports();
  const serverOptions: ServerOptions = {
    onError: (error, info) => reports.add({ error, info }),
    // Tests use pings to wait until the server has read what they sent.
    keepalive: { enforce: { minTime: 0 } },
    interceptors: serverInterceptors,
    ...options,
  };
  const server = behindConnect?.serverInstead(services, serverOptions) ?? new Server(services, serverOptions);
  stage().servers.push({ server, reports });
  return { server, reports };
}

/** A channel to an address. It is closed when the test is over. */
export function openChannel(address: string | URL, options: ChannelOptions = {}): Channel {
  const channel =
    otherTransport?.openInstead(address, options) ??
    new Channel(address, passing === 0 ? options : { interceptors: clientInterceptors, ...options });
  stage().channels.push(channel);
  return channel;
}

/** A stub for an address, on a new channel. */
export function connect(address: string, options: ChannelOptions = {}): TestServiceStub {
  return new TestServiceStub(openChannel(address, options));
}

/** A server, and a stub on a channel to it. */
export interface TestPair extends Pick<TestServer, "server" | "reports"> {
  readonly channel: Channel;
  readonly stub: TestServiceStub;
}

/** Options of a {@link TestPair}. */
export interface TestPairOptions {
  readonly server?: TestServerOptions;
  readonly channel?: ChannelOptions;
}

/** A server, and a stub on a channel that is connected to it in memory, unless it needs a port: for TLS, and for other transports. */
export async function startPair(handlers: TestHandlers, options: TestPairOptions = {}): Promise<TestPair> {
  const needsPort = otherTransport !== undefined || options.server?.listen !== undefined;
  if (needsPort) return await startPairOnNetwork(handlers, options);
  const { server, reports } = createServer(handlers, options.server);
  const createConnection = () => {
    const [near, far] = socketPair();
    server.accept(far);
    return near;
  };
  const channel = openChannel("http://in-memory", { ...options.channel, createConnection });
  return { server, reports, channel, stub: new TestServiceStub(channel) };
}

/** A server on a port, and a stub on a channel to it: for what differs between memory and a network. */
export async function startPairOnNetwork(
  handlers: TestHandlers,
  options: TestPairOptions = {},
): Promise<TestPair & TestServer> {
  const server = await startServer(handlers, options.server);
  const channel = openChannel(server.address, options.channel);
  return { ...server, channel, stub: new TestServiceStub(channel) };
}

/**
 * Starts a plain TCP server. It is closed when the test is over. Without a
 * function it accepts connections and sends nothing.
 */
export async function startTcpServer(
  onConnection: (socket: Socket, number: number) => void = () => {},
): Promise<TcpListener & { readonly address: string }> {
  const listener = await listenTcp(onConnection);
  onTestFinished(() => listener.close());
  return { ...listener, address: `http://127.0.0.1:${listener.port}` };
}

/** A port that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The reason that a promise rejects with. @throws Error if it is fulfilled */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`The promise was fulfilled with ${JSON.stringify(value)}`);
}

/** All items of an iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** A one-time event: one part of a test awaits it, another part triggers it. */
export interface Moment<T = void> {
  readonly promise: Promise<T>;
  readonly happens: (value: T) => void;
}

/** Creates a {@link Moment}. */
export function moment<T = void>(): Moment<T> {
  let happens: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    happens = resolve;
  });
  return { promise, happens };
}

/** The resources that a test has opened. */
interface Stage {
  readonly servers: { readonly server: Server; readonly reports: Reports }[];
  readonly channels: Channel[];
}

let current: Stage | undefined;

/** The resources of the running test. They are closed and checked when the test is over. */
function stage(): Stage {
  if (current === undefined) {
    const opened: Stage = { servers: [], channels: [] };
    current = opened;
    onTestFinished(async () => {
      current = undefined;
      await clear(opened);
    });
  }
  return current;
}

async function clear({ servers, channels }: Stage): Promise<void> {
  // The channels are still open, so a server that does not close has calls that are not over.
  const start = performance.now();
  await Promise.all(servers.map(({ server }) => server.close({ grace: GRACE_MS })));
  const late = performance.now() - start >= GRACE_MS;
  await Promise.all(channels.map((channel) => channel.close()));
  if (late) throw new Error("A server had calls left over when the test had ended");
  const reports = servers.flatMap(({ reports }) => reports.take());
  if (reports.length > 0) throw new Error("A server reported errors that the test did not take", { cause: reports });
}

/** The sockets, servers and timers that keep this process alive. */
function openResources(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => /^TCP|^TLS|Timeout|Immediate/.test(resource));
}

// Each test file has its own process, so everything open at its end was opened by its tests.
afterAll(async () => {
  // Sockets close a few turns after their sessions, and the test runner sometimes has a timer.
  for (let turns = 0; turns < 100 && openResources().length > 0; turns++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(openResources(), "sockets, servers and timers left open").toEqual([]);
});
