import type { CallRequest, OutgoingCall, ResponseListener, Transport } from "../transport/client.js";
import { parseAddress, type Target } from "../wire/address.js";
import { Addresses, type AddressSource, type Lookup } from "./addresses.js";
import { connectorSettings, type Http2ClientOptions } from "./client-settings.js";
import { Http2ClientStream, type StreamOptions } from "./client-stream.js";
import { Connectivity, type ConnectivityState } from "./connectivity.js";
import { Connector } from "./connector.js";
import { GivenConnections } from "./given-connections.js";
import { messageLimits } from "./message-limits.js";
import { proxyFor } from "./proxy.js";
import { Tunnel } from "./tunnel.js";
import { untilReady } from "./until-ready.js";

/** Makes calls to one server over HTTP/2. */
export class Http2Transport implements Transport {
  readonly #streamOptions: StreamOptions;
  readonly #connectivity = new Connectivity();
  readonly #connector: Connector;

  /**
   * @param retry whether calls that the server did not process are sent again
   * @throws TypeError if the address or an option is invalid
   */
  constructor(address: string | URL, options: Http2ClientOptions, retry: boolean) {
    const settings = connectorSettings(parseAddress(address, options.tls), options);
    const connector = new Connector(settings, addressesOf(settings.target, options), this.#connectivity);
    this.#connector = connector;
    this.#streamOptions = {
      limits: messageLimits(options),
      queue: connector,
      kept: retry ? { bytes: 0 } : undefined,
    };
  }

  start(request: CallRequest, listener: ResponseListener): OutgoingCall {
    const call = new Http2ClientStream(request, listener, this.#streamOptions);
    this.#connector.open(call);
    return call;
  }

  get state(): ConnectivityState {
    return this.#connectivity.state;
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
