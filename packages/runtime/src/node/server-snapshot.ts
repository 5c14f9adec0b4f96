import { definedOnly } from "../core/defined-only.js";
import { timestamp } from "../core/timestamp.js";
import type { ConnectionCounts, RefusedConnection } from "../http2/accepted-sockets.js";
import type { CallCounts } from "../http2/call-tally.js";
import type { ConnectionSnapshot } from "../http2/connection-snapshot.js";
import type { ServerListener } from "../http2/server-listener.js";

/** A server at one moment, as plain data that JSON can hold. See `Server.snapshot()`. */
export interface ServerSnapshot {
  /** When the snapshot was taken, in the form `2026-01-31T12:00:00.000Z`. */
  readonly time: string;
  /** When the server was created, in the same form. */
  readonly since: string;
  /** `"open"`, or the stage of `close()` that it has reached: `"closing"` stays when it has closed. */
  readonly stage: ServerStage;
  /** The addresses that it listens on, as `host:port` or `unix:/path`. */
  readonly addresses: readonly string[];
  /** The connections. */
  readonly connections: ServerConnections;
  /** The calls of all services, and those to unknown methods. */
  readonly calls: CallCounts;
}

/** The stages of a server. */
export type ServerStage = "open" | "lame duck" | "closing";

/** The counts of `server.connections`, and the connections themselves. */
export interface ServerConnections extends Omit<ConnectionCounts, "lastRefusal"> {
  /** The last connection that was refused, and why; left out if there is none. */
  readonly lastRefusal?: RefusedConnection;
  /** The connections that speak HTTP/2. */
  readonly list: readonly ConnectionSnapshot[];
}

/** What a server knows about itself. */
interface ServerState {
  readonly since: number;
  readonly stage: ServerStage;
  readonly listeners: Iterable<ServerListener>;
  readonly counts: ConnectionCounts;
  readonly calls: CallCounts;
}

export function serverSnapshot({ since, stage, listeners, counts, calls }: ServerState): ServerSnapshot {
  const all = [...listeners].map(({ server }) => server);
  const { lastRefusal, ...numbers } = counts;
  return {
    time: timestamp(Date.now()),
    since: timestamp(since),
    stage,
    addresses: all.flatMap(({ address }) => address ?? []),
    connections: { ...numbers, ...definedOnly({ lastRefusal }), list: all.flatMap(({ connections }) => connections) },
    calls,
  } as ServerSnapshot;
}
