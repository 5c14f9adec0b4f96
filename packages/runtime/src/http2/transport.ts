import { timestamp } from "../core/timestamp.js";
import type { CallRequest, OutgoingCall, ResponseListener, Transport } from "../transport/client.js";
import { parseAddress, type Target } from "../wire/address.js";
import { Addresses, type AddressSource, type Lookup } from "./addresses.js";
import { CallTally } from "./call-tally.js";
import type { ChannelSnapshot } from "./channel-snapshot.js";
import { connectorSettings, type Http2ClientOptions } from "./client-settings.js";
import { Http2ClientStream } from "./client-stream.js";
import { Connectivity, type ConnectivityState } from "./connectivity.js";
import { Connector } from "./connector.js";
import { GivenConnections } from "./given-connections.js";
import { messageLimits } from "./message-limits.js";
import { proxyFor } from "./proxy.js";
import type { StreamOptions } from "./stream-options.js";
import { Tunnel } from "./tunnel.js";
import { untilReady } from "./until-ready.js";

/** Makes calls to one server over HTTP/2. */
export class Http2Transport implements Transport {
  readonly #streamOptions: StreamOptions;
  readonly #connectivity = new Connectivity();
  readonly #connector: Connector;
  readonly #tally = new CallTally();
  readonly #retries = { attempts: 0, transparent: 0 };
  readonly #since = Date.now();

  /**
   * @param retry whether calls that the server did not process are sent again, unless they say it themselves
   * @throws TypeError if the address or an option is invalid
   */
  constructor(address: string | URL, options: Http2ClientOptions, retry: boolean) {
    const settings = connectorSettings(parseAddress(address, options.tls), options);
    const connector = new Connector(settings, addressesOf(settings.target, options), this.#connectivity);
    this.#connector = connector;
    this.#streamOptions = {
      limits: messageLimits(options),
      queue: connector,
      retry,
      kept: { bytes: 0 },
      tally: this.#tally,
      retries: this.#retries,
    };
  }

  start(request: CallRequest, listener: ResponseListener): OutgoingCall {
    if (request.previousAttempts > 0) this.#retries.attempts += 1;
    const call = new Http2ClientStream(request, listener, this.#streamOptions);
    this.#connector.open(call);
    return call;
  }

  get state(): ConnectivityState {
    return this.#connectivity.state;
  }

  /** The state of everything at this moment. */
  snapshot(): ChannelSnapshot {
    return {
      time: timestamp(Date.now()),
      since: timestamp(this.#since),
      state: this.state,
      ...this.#connector.describe(),
      calls: this.#tally.counts,
      retries: { ...this.#retries },
    };
  }

  /** Iterates over the present state and all later ones. */
  changes(): AsyncGenerator<ConnectivityState, void> {
    return this.#connectivity.changes();
  }

  /** Starts connecting if the state is `IDLE`. */
  connect(): void {
    this.#connector.connect();
  }

  /** Connects, and waits until the state is `READY`. @throws GRPCError DEADLINE_EXCEEDED, or CANCELLED if it is closed */
  async ready(timeout: number | undefined): Promise<void> {
    if (this.state !== "READY") await untilReady(this.#connector, timeout);
  }

  /** Closes the connections. Calls that are not over end with CANCELLED. */
  async close(): Promise<void> {
    await this.#connector.close();
  }
}

function addressesOf(target: Target, { proxy, tls, createConnection }: Http2ClientOptions): AddressSource {
  if (createConnection !== undefined) return new GivenConnections(createConnection);
  const found = proxy === undefined ? undefined : proxyFor(target, proxy);
  return found === undefined ? new Addresses(target, tls?.lookup as Lookup | undefined) : new Tunnel(target, found);
}
