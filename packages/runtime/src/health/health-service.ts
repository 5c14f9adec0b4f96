import { create, type DescService } from "@bufbuild/protobuf";
import {
  HealthCheckResponse_ServingStatus as Code,
  Health,
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  type HealthListResponse,
  HealthListResponseSchema,
} from "../gen/grpc/health/v1/health_pb.js";
import { GRPCError, type ServerContext, type Service, Status } from "../index.js";
import { serviceName } from "./service-name.js";
import { isServingStatus, type ServingStatus } from "./status.js";

/** Whether a server is to be asked: after `shutdown()` or when it closes, everything is NOT_SERVING. */
type State = "serving" | "shut down" | "lame duck" | "closing";

/** The most statuses that `List` answers with, as in grpc-go. */
const MAX_LISTED = 100;

/**
 * The health service of gRPC, which Kubernetes, load balancers and
 * grpc-health-probe ask whether a server, or one of its services, serves.
 *
 * ```ts
 * const health = new HealthService();
 * const server = new Server([new Library(), health]);
 * health.set("library.v1.LibraryService", "NOT_SERVING");
 * ```
 *
 * The server itself, whose name is `""`, and each of its services are SERVING until
 * you say something else. When the server is asked to close, all become
 * NOT_SERVING; those who watch learn it at once. It is the health of one server: a
 * second one refuses it.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export class HealthService implements Service {
  readonly #statuses = new Map<string, ServingStatus>([["", "SERVING"]]);
  readonly #watchers = new Set<() => void>();
  #state: State = "serving";
  #hasServer = false;

  /** The descriptor of `grpc.health.v1.Health`. */
  get $service(): DescService {
    return Health;
  }

  /**
   * Sets the status of a service, or of anything else that clients ask for, such as
   * `"readiness"`. The name `""` is the server itself; it does not depend on the others.
   *
   * @param service its full name, or its descriptor
   * @throws TypeError for another status, or if the service is not a name or a descriptor
   */
  set(service: string | DescService, status: ServingStatus): void {
    if (!isServingStatus(status)) {
      throw new TypeError(`A health status is "SERVING", "NOT_SERVING" or "UNKNOWN", got ${JSON.stringify(status)}`);
    }
    this.#statuses.set(serviceName(service), status);
    this.#tellWatchers();
  }

  /** Forgets a name: clients that ask for it learn that it is unknown. */
  delete(service: string | DescService): void {
    this.#statuses.delete(serviceName(service));
    this.#tellWatchers();
  }

  /** The status that clients see; `undefined` for an unknown name. */
  get(service: string | DescService): ServingStatus | undefined {
    const status = this.#statuses.get(serviceName(service));
    return status !== undefined && this.#state !== "serving" ? "NOT_SERVING" : status;
  }

  /** Makes everything NOT_SERVING, whatever `set()` says, until `resume()`. */
  shutdown(): void {
    if (this.#state === "serving") this.#enter("shut down");
  }

  /** Ends a `shutdown()`, unless the server has been asked to close. The statuses are those of the last `set()`. */
  resume(): void {
    if (this.#state === "shut down") this.#enter("serving");
  }

  /**
   * Called by a server that gets this service: all of its services are SERVING, unless they have been set before.
   *
   * @throws TypeError if another server has got it
   */
  $onServerCreated(services: readonly Service[]): void {
    if (this.#hasServer) throw new TypeError("A HealthService is for one server only. Create one for each server.");
    this.#hasServer = true;
    for (const { $service } of services) {
      if (!this.#statuses.has($service.typeName)) this.set($service, "SERVING");
    }
  }

  /** Called by a server that is asked to close. */
  $onLameDuck(): void {
    this.#enter("lame duck");
  }

  /** Called by a server that closes: ends all calls of `Watch`. */
  $onServerClosing(): void {
    this.#enter("closing");
  }

  /** Handles `Check`. @throws GRPCError NOT_FOUND for an unknown name @internal */
  check({ service }: HealthCheckRequest): HealthCheckResponse {
    const status = this.get(service);
    if (status === undefined) throw new GRPCError(Status.NOT_FOUND, "The service is unknown");
    return response(Code[status]);
  }

  /** Handles `List`. @throws GRPCError RESOURCE_EXHAUSTED for more than 100 names @internal */
  list(): HealthListResponse {
    if (this.#statuses.size > MAX_LISTED) {
      throw new GRPCError(Status.RESOURCE_EXHAUSTED, `There are more than ${MAX_LISTED} services`);
    }
    const statuses = [...this.#statuses.keys()].map((name) => [name, response(Code[this.get(name) ?? "UNKNOWN"])]);
    return create(HealthListResponseSchema, { statuses: Object.fromEntries(statuses) });
  }

  /** Handles `Watch`. @throws GRPCError UNAVAILABLE when the server closes @internal */
  async *watch({ service }: HealthCheckRequest, { signal }: ServerContext): AsyncGenerator<HealthCheckResponse> {
    let last: Code | undefined;
    while (!signal.aborted) {
      const status = this.get(service) ?? "SERVICE_UNKNOWN";
      if (Code[status] !== last) {
        last = Code[status];
        yield response(last);
        continue; // The status may have changed while the client did not read.
      }
      if (this.#state === "closing") throw new GRPCError(Status.UNAVAILABLE, "The server is closing");
      await this.#change(signal);
    }
  }

  /** Resolves when a status may have changed, or when the signal aborts. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#watchers.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      this.#watchers.add(done);
      signal.addEventListener("abort", done);
    });
  }

  #enter(state: State): void {
    this.#state = state;
    this.#tellWatchers();
  }

  #tellWatchers(): void {
    for (const tell of [...this.#watchers]) tell();
  }
}

function response(status: Code): HealthCheckResponse {
  return create(HealthCheckResponseSchema, { status });
}
