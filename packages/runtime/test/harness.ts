import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterAll, expect, onTestFinished } from "vitest";
import type { ReportInfo, Service } from "../src/index.js";
import { Channel, type ChannelOptions, Server, type ServerListenOptions, type ServerOptions } from "../src/node.js";
import { type TestHandlers, testService } from "./calls/kinds.js";
import { TestServiceStub } from "./gen/test/v1/test_grpclib.js";

/** How long a server may take to close after a test; one that needs longer has calls left over. */
const GRACE_MS = 4_000;

/** What a server reported through `onError`. */
export interface Report {
  readonly error: unknown;
  readonly info: ReportInfo;
}

/** The reports of a server. What a test does not take fails it. */
export class Reports {
  #list: Report[] = [];
  #arrived: (() => void) | undefined;

  add(report: Report): void {
    this.#list.push(report);
    this.#arrived?.();
  }

  /** All reports so far, which are then expected ones. */
  take(): Report[] {
    return this.#list.splice(0);
  }

  /** The next report, as soon as there is one. */
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
  /** Where to listen, and whether with TLS. Default: a port of its own. */
  readonly listen?: ServerListenOptions;
  /** What to run in place of the test service. */
  readonly services?: readonly Service[];
}

/** Runs the test service until the test is over. */
export async function startServer(handlers: TestHandlers, options: TestServerOptions = {}): Promise<TestServer> {
  const reports = new Reports();
  const { listen, services = [testService(handlers)], ...serverOptions } = options;
  const server = new Server(services, {
    onError: (error, info) => reports.add({ error, info }),
    ...serverOptions,
  });
  stage().servers.push({ server, reports });
  const { port } = await server.listen({ host: "127.0.0.1", port: 0, ...listen });
  const scheme = listen?.tls === undefined ? "http" : "https";
  return { address: `${scheme}://127.0.0.1:${port}`, port, server, reports };
}

/** A channel to an address that is closed when the test is over. */
export function openChannel(address: string, options: ChannelOptions = {}): Channel {
  const channel = new Channel(address, options);
  stage().channels.push(channel);
  return channel;
}

/** A stub for an address, on a channel of its own. */
export function connect(address: string, options: ChannelOptions = {}): TestServiceStub {
  return new TestServiceStub(openChannel(address, options));
}

/** A server, and a stub on a channel to it. */
export async function startPair(
  handlers: TestHandlers,
  options: { readonly server?: TestServerOptions; readonly channel?: ChannelOptions } = {},
): Promise<TestServer & { readonly channel: Channel; readonly stub: TestServiceStub }> {
  const server = await startServer(handlers, options.server);
  const channel = openChannel(server.address, options.channel);
  return { ...server, channel, stub: new TestServiceStub(channel) };
}

/** A bare TCP server. */
export interface TcpServer {
  readonly address: string;
  readonly port: number;
  /** The connections so far. */
  readonly sockets: readonly Socket[];
}

/** Runs a bare TCP server until the test is over. Without a function it takes connections and says nothing. */
export async function startTcpServer(onConnection: (socket: Socket) => void = () => {}): Promise<TcpServer> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {}).setNoDelay(true);
    onConnection(socket);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, port, sockets };
}

/** A port that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a promise rejects with. */
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

/** Something that happens once, for one part of a test to await and another one to bring about. */
export interface Moment<T = void> {
  readonly promise: Promise<T>;
  readonly happens: (value: T) => void;
}

/** Makes a {@link Moment}. */
export function moment<T = void>(): Moment<T> {
  let happens: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    happens = resolve;
  });
  return { promise, happens };
}

/** What a test has opened. */
interface Stage {
  readonly servers: { readonly server: Server; readonly reports: Reports }[];
  readonly channels: Channel[];
}

let current: Stage | undefined;

/** The stage of the test that runs: it is cleared, and looked over, when the test is over. */
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
  // The channels are still open: what holds a server is a call that is not over.
  const start = performance.now();
  await Promise.all(servers.map(({ server }) => server.close({ grace: GRACE_MS })));
  const late = performance.now() - start >= GRACE_MS;
  await Promise.all(channels.map((channel) => channel.close()));
  if (late) throw new Error("A server had calls left over when the test had ended");
  const reports = servers.flatMap(({ reports }) => reports.take());
  if (reports.length > 0) throw new Error("A server reported errors that the test did not take", { cause: reports });
}

/** The sockets, servers and timers that keep this process alive, besides those of the test runner. */
function openResources(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => /^TCP|^TLS|Timeout|Immediate/.test(resource));
}

// Each file has a process of its own, so what is open at its end was opened by its tests.
afterAll(async () => {
  // Sockets close some turns after their sessions, and the runner has a timer now and then.
  for (let turns = 0; turns < 100 && openResources().length > 0; turns++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(openResources(), "sockets, servers and timers that are left").toEqual([]);
});
