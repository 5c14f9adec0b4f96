import type { DescService } from "@bufbuild/protobuf";
import { bindStub, type ServerStreamingMethod } from "../codegen.js";
import { type BackoffTimes, backoffDelay } from "../core/backoff.js";
import { checkOptions, type OptionNames } from "../core/check-options.js";
import { pause } from "../core/pause.js";
import { Health, type HealthCheckRequest, type HealthCheckResponse } from "../gen/grpc/health/v1/health_pb.js";
import { GRPCError, Status, StreamTerminatedError, type Transport } from "../index.js";
import { serviceName } from "./service-name.js";
import { type HealthStatus, nameOf } from "./status.js";

/** Options of {@link watchHealth}. */
export interface WatchHealthOptions {
  /** The service to watch: its full name, or its descriptor. Default: `""`, the server itself. */
  readonly service?: string | DescService | undefined;
  /** Ends the iteration. */
  readonly signal?: AbortSignal | undefined;
}

const optionNames: OptionNames<WatchHealthOptions> = { service: true, signal: true };

/** The waits after calls that failed are those of gRPC between attempts to connect. */
const backoff: BackoffTimes = { initial: 1_000, multiplier: 1.6, max: 120_000, jitter: 0.2 };

/**
 * The health of a server, now and after each change.
 *
 * ```ts
 * const channel = new Channel("http://localhost:50051");
 * for await (const status of watchHealth(channel, { service: "library.v1.LibraryService" })) {
 *   console.log(status);
 * }
 * ```
 *
 * It does not end by itself: if the server cannot be reached, or ends the call, the
 * status is `"UNREACHABLE"` until a later call succeeds. The first of these calls
 * follows after a second, then more and more slowly, up to two minutes apart.
 *
 * @throws TypeError for an unknown option, or a service that is not a name or a descriptor
 * @throws GRPCError UNIMPLEMENTED if the server has no health service, CANCELLED if the channel is closed
 */
export async function* watchHealth(
  channel: Transport,
  options: WatchHealthOptions = {},
): AsyncGenerator<HealthStatus, void, undefined> {
  checkOptions("watchHealth()", options, optionNames);
  let last: HealthStatus | undefined;
  for await (const status of answers(channel, options)) {
    if (status !== last) yield status;
    last = status;
  }
}

/** The answers of all calls, one after the other, and what they say when they end. */
async function* answers(
  channel: Transport,
  { service = "", signal }: WatchHealthOptions,
): AsyncGenerator<HealthStatus, void, undefined> {
  const stub = new HealthStub(channel);
  const request = { service: serviceName(service) };
  let failures = 0;
  while (!signal?.aborted) {
    try {
      for await (const { status } of stub.watch(request, { signal, timeout: Number.POSITIVE_INFINITY })) {
        failures = 0;
        yield nameOf(status);
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!(error instanceof GRPCError) || isFinal(error)) throw error;
    }
    yield "UNREACHABLE";
    failures += 1;
    await pause(backoffDelay(backoff, failures), signal);
  }
}

/** Whether no later call can succeed: the channel is closed (not: a proxy has reset the stream), or there is no service. */
function isFinal({ status, origin, cause }: GRPCError): boolean {
  const isClosed = status === Status.CANCELLED && origin === "client" && !(cause instanceof StreamTerminatedError);
  return isClosed || status === Status.UNIMPLEMENTED;
}

class HealthStub {
  readonly watch!: ServerStreamingMethod<HealthCheckRequest, HealthCheckResponse>;

  constructor(channel: Transport) {
    bindStub(this, channel, Health);
  }
}
