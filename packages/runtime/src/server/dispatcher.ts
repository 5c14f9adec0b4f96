import type { OptionNames } from "../core/check-options.js";
import { textOf } from "../core/text-of.js";
import { checkRegistry, type DetailRegistry, detailSchemas } from "../errors/detail-registry.js";
import type { TakeTurn } from "../flow/inbox.js";
import type { CallHandler, ReportInfo, Route } from "../transport/server.js";
import { ServerCall } from "./call.js";
import { logError, type OnError, safely } from "./report.js";
import type { ServedMethod } from "./served-method.js";
import { methodsOf, type Service } from "./service.js";

/** Options of a server that concern its handlers. */
export interface DispatcherOptions {
  /**
   * The types of error details that can be sent without `detail()`. Default:
   * `google.rpc.*` and the types of `registerDetails()`.
   */
  readonly registry?: DetailRegistry | undefined;
  /** Called with each error that does not reach a client. Default: writes it to the console. */
  readonly onError?: OnError | undefined;
  /**
   * Whether the client receives the error of an outgoing call that a handler does
   * not catch. Default: false. The client then gets UNKNOWN, so that what other
   * servers say does not leak by accident.
   */
  readonly relayErrors?: boolean | undefined;
}

export const dispatcherOptionNames: OptionNames<DispatcherOptions> = {
  registry: true,
  onError: true,
  relayErrors: true,
};

/** Runs the calls of a server: finds their methods, and runs the handlers. */
export class Dispatcher implements CallHandler {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #onError: OnError;

  /**
   * @param takeTurn spreads the work of handlers over turns of the event loop. Default: they run at once.
   * @throws TypeError if a value is not a service, a method is missing, a service is passed twice, or an option is
   *   invalid
   */
  constructor(services: readonly Service[], options: DispatcherOptions = {}, takeTurn?: TakeTurn) {
    const { onError: given = logError } = options;
    if (typeof given !== "function") throw new TypeError(`onError takes a function, got ${textOf(given)}`);
    const onError = safely(given);
    const registry = checkRegistry(options.registry);
    const relayErrors = options.relayErrors ?? false;
    this.#onError = onError;
    this.#routes = new Map(
      methodsOf(services).map((method) => {
        const findSchema = detailSchemas(registry, method.desc.parent);
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
