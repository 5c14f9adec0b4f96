import type { Attributes, MeterProvider, TextMapPropagator, TracerProvider } from "@opentelemetry/api";

/** Options of `telemetry()`. */
export interface TelemetryOptions {
  /**
   * The address of the server, as clients know it: `"https://api.example.com"`,
   * `"api.example.com:443"` or `"unix:/path"`. It becomes `server.address` and
   * `server.port` of spans and metrics, and `grpc.target` of the metrics of clients. Default: unknown; client
   * spans then have the address of the connection.
   */
  readonly address?: string | undefined;
  /** Where spans go. Default: the global provider. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Where metrics go. Default: the global provider at the time of the first call. */
  readonly meterProvider?: MeterProvider | undefined;
  /** How contexts travel in metadata. Default: the global propagator, which is that of W3C in most SDKs. */
  readonly propagator?: TextMapPropagator | undefined;
  /** Which calls are recorded, by the path of their method. Default: all. */
  readonly filter?: ((path: string) => boolean) | undefined;
  /**
   * Whether to record gRPC's own metrics as well: those of A66 except for message
   * sizes, and those of A96 except for transparent retries. Default: false.
   *
   * @see https://grpc.io/docs/guides/opentelemetry-metrics/
   */
  readonly grpc?: boolean | undefined;
  /**
   * Whether to record the sizes of messages. Each message is encoded once more for
   * that. Default: false.
   */
  readonly messageSizes?: boolean | undefined;
}

const types: Readonly<Record<keyof TelemetryOptions, string>> = {
  address: "string",
  tracerProvider: "object",
  meterProvider: "object",
  propagator: "object",
  filter: "function",
  grpc: "boolean",
  messageSizes: "boolean",
};

/** @throws TypeError for an option that does not exist, or a value of another type */
export function checkOptions(options: TelemetryOptions): TelemetryOptions {
  if (Object(options) !== options) throw new TypeError("telemetry() takes an object with options");
  const known = new Map(Object.entries(types));
  const names = [...known.keys()].join(", ");
  for (const [name, value] of Object.entries(options)) {
    const type = known.get(name);
    if (type === undefined) throw new TypeError(`telemetry() has no option ${JSON.stringify(name)}. It has ${names}.`);
    if (value !== undefined && typeof value !== type) {
      throw new TypeError(`The option ${name} takes a value of type ${type}, got one of type ${typeof value}`);
    }
  }
  return { ...options };
}

/** An address without a user and a password. Paths of Unix sockets have neither, but may contain an `@`. */
export function withoutUser(address: string): string {
  return /^unix:/.test(address) ? address : address.replace(/^([\w.+-]+:\/\/\/?)?.*@/, "$1");
}

/** The attributes of an address such as `https://host:port`, `host:port`, `[::1]:port` or `unix:/path`, without a user. */
export function addressAttributes(address: string, kind: "server" | "network.peer"): Attributes {
  const [, scheme, rest = ""] = /^(?:([\w.+-]+):\/\/\/?)?(.*)$/.exec(withoutUser(address)) ?? [];
  if (/^unix:/.test(address)) return { [`${kind}.address`]: address.replace(/^unix:(\/\/(?=\/))?/, "") };
  const [, bracketed, host = bracketed ?? rest, port] = /^(?:\[([^\]]*)\]|([^:/]*))(?::(\d+))?\/?$/.exec(rest) ?? [];
  const number = port === undefined ? defaultPorts[scheme ?? ""] : Number(port);
  return { [`${kind}.address`]: host, ...(number === undefined ? {} : { [`${kind}.port`]: number }) };
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };
