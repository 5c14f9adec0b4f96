import { type DetailRegistry, detailSchemas } from "../errors/detail-registry.js";
import type { TakeTurn } from "../flow/inbox.js";
import type { CallHandler, ReportInfo, Route } from "../transport/server.js";
import { ServerCall } from "./call.js";
import { logError, type OnError, safely } from "./report.js";
import type { ServedMethod } from "./served-method.js";
import { methodsOf, type Service } from "./service.js";

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
}

/** Runs the calls of a server: finds their methods, and lets the handlers answer them. */
export class Dispatcher implements CallHandler {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #onError: OnError;

  /**
   * @param takeTurn spreads the work of handlers over turns of the event loop. Default: they run at once.
   * @throws TypeError if something is not a service, a method is missing, or a service comes twice
   */
  constructor(services: readonly Service[], options: DispatcherOptions = {}, takeTurn?: TakeTurn) {
    const onError = safely(options.onError ?? logError);
    const relayErrors = options.relayErrors ?? false;
    this.#onError = onError;
    this.#routes = new Map(
      methodsOf(services).map((method) => {
        const findSchema = detailSchemas(options.registry, method.desc.parent);
        const served: ServedMethod = { ...method, onError, relayErrors, findSchema, takeTurn };
        return [method.path, { method, handle: (call, head) => new ServerCall(served, call, head).start() }];
      }),
    );
  }

  find(path: string): Route | undefined {
    return this.#routes.get(path);
  }

  report(error: unknown, info: ReportInfo): void {
    this.#onError(error, info);
  }
}
