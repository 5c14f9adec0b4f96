import { context } from "@opentelemetry/api";
import {
  type CallOutcome,
  type ClientInterceptor,
  type InterceptedClientCall,
  type InterceptedServerCall,
  type ServerInterceptor,
  Status,
} from "../index.js";
import { guard } from "./guard.js";
import { recordMessageSizes } from "./message-sizes.js";
import { callIn } from "./observed-call.js";
import { checkOptions, type TelemetryOptions } from "./options.js";
import { extract, inject, runIn } from "./propagation.js";
import { Recorder } from "./recorder.js";
import type { AnyCall } from "./role.js";
import * as roles from "./role.js";

/**
 * Creates an interceptor that records calls with OpenTelemetry: a span and a duration
 * for each, following version 1.45 of its conventions for RPC. For servers and for
 * clients, as the outermost interceptor:
 *
 * ```ts
 * const server = new Server([new Library()], { interceptors: [telemetry()] });
 * const channel = new Channel("http://127.0.0.1:50051", { interceptors: [telemetry()] });
 * ```
 *
 * The span is active in handlers and in the interceptors inside, and its context
 * travels in the metadata. Attributes have no texts that a peer chooses: methods that
 * the server does not have are `_OTHER`, and reasons of errors are recorded if the
 * method declares them. If the SDK or a propagator throws, the call does not notice
 * it, and `diag` gets the error.
 *
 * To record each attempt of a call, use it again inside of `retry()`:
 * `interceptors: [recorded, retry(), recorded]`.
 *
 * @throws TypeError for an option that does not exist, or an invalid value
 * @see https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
 */
export function telemetry(options: TelemetryOptions = {}): ServerInterceptor & ClientInterceptor {
  const { filter, propagator, messageSizes, ...others } = checkOptions(options);
  const recorder = new Recorder(others);

  return <Result>(call: AnyCall, next: () => Promise<Result>): Promise<Result> => {
    const { path } = call.method;
    if (filter !== undefined && guard("filter a call", () => filter(path)) === false) return next();
    return "report" in call ? incoming(call, next) : outgoing(call, next);
  };

  function incoming<Result>(call: InterceptedServerCall, next: () => Promise<Result>): Promise<Result> {
    const observed = recorder.start(roles.incoming, call, extract(call, propagator));
    if (messageSizes) recordMessageSizes(call, observed, recorder.instruments);
    // A call may end while its handler runs, so next() may settle later.
    void call.outcome.then((outcome) => observed.end(outcome));
    return runIn(observed.context, next);
  }

  /** Not an async function, which would allocate more. */
  function outgoing<Result>(call: InterceptedClientCall, next: () => Promise<Result>): Promise<Result> {
    const active = context.active();
    const around = callIn(active, call.method.path, call.values);
    const observed = recorder.start(around === undefined ? roles.outgoing : roles.attempt, call, active, around);
    if (around === undefined && messageSizes) recordMessageSizes(call, observed, recorder.instruments);
    inject(observed.context, call, propagator);
    return runIn(observed.context, next).then(
      (result) => {
        observed.end(succeeded);
        return result;
      },
      async (error) => {
        observed.end(await call.outcome);
        throw error;
      },
    );
  }
}

const succeeded: CallOutcome = {
  status: Status.OK,
  message: undefined,
  details: [],
  endedBy: "server",
  toJSON: () => ({ status: "OK", endedBy: "server" }),
};
