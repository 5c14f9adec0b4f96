import type { AddressSnapshot } from "./addresses.js";
import type { CallCounts } from "./call-tally.js";
import type { ConnectionSnapshot } from "./connection-snapshot.js";
import type { ConnectivityState } from "./connectivity.js";

/** A channel at one moment, as plain data that JSON can hold. See `Channel.snapshot()`. */
export interface ChannelSnapshot extends ConnectorState {
  /** When the snapshot was taken, in the form `2026-01-31T12:00:00.000Z`, as all times here. */
  readonly time: string;
  /** When the channel was created. */
  readonly since: string;
  /** The same as `channel.state`. */
  readonly state: ConnectivityState;
  /** The attempts of calls: each one that the channel has made counts as a call. */
  readonly calls: CallCounts;
  /** The attempts that follow others. */
  readonly retries: RetryCounts;
}

/** The connections of a channel, and its attempts to connect. */
export interface ConnectorState {
  /** The server, as `host:port` or `unix:/path`. */
  readonly target: string;
  /** The addresses of the server that were found last; empty before the first attempt to connect. */
  readonly addresses: readonly AddressSnapshot[];
  /** The open connections, and those that are closing. */
  readonly connections: readonly ConnectionSnapshot[];
  /** The calls that wait for a connection or a free stream. */
  readonly waiting: number;
  /** How many attempts to connect have failed in a row. */
  readonly failures: number;
  /** The last attempt to connect that has failed; left out if there is none. */
  readonly lastFailure?: ConnectFailure;
  /** When the channel may connect again; left out unless its state is `TRANSIENT_FAILURE`. */
  readonly nextAttempt?: string;
}

/** An attempt to connect that has failed. */
export interface ConnectFailure {
  /** When it failed, in the form `2026-01-31T12:00:00.000Z`. */
  readonly time: string;
  /** Why, and what to change. */
  readonly message: string;
}

/** How often the calls of a channel have been sent again. */
export interface RetryCounts {
  /** Attempts after the first one of each call: those of the option `retry`, of `retry()`, and of hedging. */
  readonly attempts: number;
  /** Attempts that were sent again because the server had not processed them. They count as one attempt. */
  readonly transparent: number;
}
