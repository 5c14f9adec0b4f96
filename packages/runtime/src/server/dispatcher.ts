import { checkNumber } from "../core/check-number.js";
import { type DetailRegistry, detailSchemas } from "../core/detail-registry.js";
import type { CallHandler, Route } from "../transport/server.js";
import { ServerCall } from "./call.js";
import { type ErrorInfo, logError, type OnError, safely } from "./report.js";
import { methodsOf, type Service } from "./service.js";
import { TRAILER_BUDGET_BYTES } from "./trailer-budget.js";

/** Options of a server that have to do with its handlers. */
export interface DispatcherOptions {
  /** The types of error details that can be sent without `detail()`, in place of the default ones. */
  readonly registry?: DetailRegistry | undefined;
  /** Takes the errors that do not reach a client. Default: writes them to the console. */
  readonly onError?: OnError | undefined;
  /**
   * Send the errors of outgoing calls on to the client when a handler lets them
   * through. Default: false, the client gets UNKNOWN, so that what other servers
   * say does not leak by accident.
   */
  readonly relayErrors?: boolean | undefined;
  /**
   * Bytes that the trailers of a call may have, as HTTP/2 counts them. Over it,
   * details are dropped, and that is reported. Default: 7 KiB.
   */
  readonly trailerBudgetBytes?: number | undefined;
}

/** Runs the calls of a server: finds their methods, and lets the handlers answer them. */
export class Dispatcher implements CallHandler {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #onError: OnError;

  /** @throws TypeError if something is no service, a method is missing, a service comes twice, or an option is wrong */
  constructor(services: readonly Service[], options: DispatcherOptions) {
    const onError = safely(options.onError ?? logError);
    const relayErrors = options.relayErrors ?? false;
    const trailerBudget = checkNumber(
      "trailerBudgetBytes",
      options.trailerBudgetBytes ?? TRAILER_BUDGET_BYTES,
      "bytes",
    );
    this.#onError = onError;
    this.#routes = new Map(
      methodsOf(services).map((method) => {
        const findSchema = detailSchemas(options.registry, method.desc.parent);
        const served = { ...method, onError, relayErrors, findSchema, trailerBudget };
        return [method.path, { method, handle: (stream, head) => new ServerCall(served, stream, head) }];
      }),
    );
  }

  find(path: string): Route | undefined {
    return this.#routes.get(path);
  }

  report(error: unknown, info: ErrorInfo): void {
    this.#onError(error, info);
  }
}
