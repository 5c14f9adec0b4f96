import { checkOptions, type OptionNames } from "../core/check-options.js";
import { textOf } from "../core/text-of.js";
import { Channel, type ChannelOptions } from "../node/channel.js";
import { Server, type ServerOptions } from "../node/server.js";
import { ContractDrift } from "../server/contract-drift.js";
import { logError } from "../server/report.js";
import type { Service } from "../server/service.js";
import { Faults } from "./faults.js";
import { socketPair } from "./socket-pair.js";

/** Options of {@link serve}. */
export interface ServeOptions {
  /** Options of the server. The default of `contracts` is `"report"`, whatever `NODE_ENV` is. */
  readonly server?: ServerOptions | undefined;
  /** Options of the channel. */
  readonly channel?: Omit<ChannelOptions, "createConnection" | "proxy"> | undefined;
  /** What goes wrong between the two. Default: nothing. */
  readonly faults?: Faults | undefined;
}

const optionNames: OptionNames<ServeOptions> = { server: true, channel: true, faults: true };

/** A server and a channel to it. See {@link serve}. */
export interface Served extends AsyncDisposable {
  /** Serves the services. */
  readonly server: Server;
  /** For stubs. It is connected. */
  readonly channel: Channel;
  /**
   * Closes the channel, which cancels calls in flight, and then the server.
   *
   * @throws AggregateError if handlers have failed with errors that do not keep the contract of their method. It is
   *   thrown once.
   */
  close(): Promise<void>;
}

/**
 * Serves services in memory, for a test: a real server, and a channel that is
 * connected to it. Calls take the same path as over a network, HTTP/2 included, but
 * there is no port and no socket, and nothing keeps the process alive.
 *
 * ```ts
 * await using library = await serve([new Library()]);
 * const stub = new LibraryServiceStub(library.channel);
 * ```
 *
 * Errors that do not keep the contract of their method make `close()` fail, and so
 * the test. To allow them, set `server: { contracts: "off" }`.
 *
 * @throws TypeError if a value is not a service, or an option is invalid
 */
export async function serve(services: readonly Service[], options: ServeOptions = {}): Promise<Served> {
  checkOptions("serve()", options, optionNames);
  const { faults } = options;
  if (faults !== undefined && !(faults instanceof Faults)) {
    throw new TypeError(`faults takes an instance of Faults, got ${textOf(faults)}`);
  }
  const drift: ContractDrift[] = [];
  const server = new Server(services, withDrift(options.server ?? {}, drift));
  const createConnection = () => {
    const [near, far] = faults?.connect() ?? socketPair();
    server.accept(far);
    return near;
  };
  const channel = new Channel("http://in-memory", { ...options.channel, createConnection });
  await channel.ready();
  const close = async () => {
    await channel.close();
    await server.close();
    throwDrift(drift.splice(0));
  };
  return { server, channel, close, [Symbol.asyncDispose]: close };
}

/** The options of a server that collects the drift it reports. */
function withDrift(options: ServerOptions, drift: ContractDrift[]): ServerOptions {
  const { contracts = "report", onError } = options;
  if (onError !== undefined && typeof onError !== "function") return options;
  return {
    ...options,
    contracts,
    onError(error, info) {
      if (error instanceof ContractDrift) drift.push(error);
      if (onError !== undefined) return onError(error, info);
      if (!(error instanceof ContractDrift)) logError(error, info);
    },
  };
}

function throwDrift(drift: readonly ContractDrift[]): void {
  if (drift.length === 0) return;
  const texts = drift.map(({ message }) => `- ${message}`);
  throw new AggregateError(drift, ["Errors did not keep their contracts:", ...texts].join("\n"));
}
