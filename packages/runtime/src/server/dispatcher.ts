import type { OptionNames } from "../core/check-options.js";
import { textOf } from "../core/text-of.js";
import { checkRegistry, type DetailRegistry, detailSchemas, schemasOf } from "../errors/detail-registry.js";
import type { TakeTurn } from "../flow/inbox.js";
import type { CallHandler, ReportInfo, Route } from "../transport/server.js";
import { ServerCall } from "./call.js";
import { ContractChecks, checkContracts } from "./contract-checks.js";
import { InterceptedServerCall } from "./intercepted-call.js";
import { checkInterceptors, type ServerInterceptor } from "./interceptor.js";
import { type LocalizationOptions, localizationOptionNames, readLocalization } from "./localization.js";
import { localizerFor } from "./localize.js";
import { logError, type OnError, safely } from "./report.js";
import type { ServedMethod } from "./served-method.js";
import { methodsOf, type Service } from "./service.js";
import { unknownMethod } from "./unknown-method.js";

/** Options of a server that concern its handlers. */
export interface DispatcherOptions extends LocalizationOptions {
  /**
   * The types of error details that can be sent without `detail()`. Default:
   * `google.rpc.*` and the types of `registerDetails()`.
   */
  readonly registry?: DetailRegistry | undefined;
  /** Functions around each call, the outermost first. Default: none. */
  readonly interceptors?: readonly ServerInterceptor[] | undefined;
  /** Called with each error that does not reach a client. Default: writes it to the console. */
  readonly onError?: OnError | undefined;
  /**
   * Whether the client receives the error of an outgoing call that a handler does
   * not catch. Default: false. The client then gets UNKNOWN, so that what other
   * servers say does not leak by accident.
   */
  readonly relayErrors?: boolean | undefined;
  /**
   * What to do with errors that do not keep the contract of their method: `"report"`
   * reports the first of each kind and method to `onError`, `"enforce"` reports all of
   * them, and the client gets INTERNAL instead. Default: `"report"`; of a `Server`,
   * `"off"` if `NODE_ENV` is `production`.
   */
  readonly contracts?: "report" | "enforce" | "off" | undefined;
}

export const dispatcherOptionNames: OptionNames<DispatcherOptions> = {
  registry: true,
  interceptors: true,
  onError: true,
  relayErrors: true,
  ...localizationOptionNames,
  contracts: true,
};

/** Runs the calls of a server: finds their methods, and runs the handlers. */
export class Dispatcher implements CallHandler {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #settings: SharedSettings;

  /**
   * @param takeTurn spreads the work of handlers over turns of the event loop. Default: they run at once.
   * @throws TypeError if a value is not a service, a method is missing, a service is passed twice, or an option is
   *   invalid
   */
  constructor(services: readonly Service[], options: DispatcherOptions = {}, takeTurn?: TakeTurn) {
    const { onError = logError, relayErrors = false, interceptors: given = [], contracts = "report" } = options;
    if (typeof onError !== "function") throw new TypeError(`onError takes a function, got ${textOf(onError)}`);
    const interceptors = checkInterceptors(given);
    checkContracts(contracts);
    const localization = readLocalization(options);
    const registry = checkRegistry(options.registry);
    const settings = { onError: safely(onError), relayErrors, interceptors, takeTurn };
    this.#settings = { ...settings, findSchema: schemasOf(registry) };
    this.#routes = new Map(
      methodsOf(services).map((method) => {
        const findSchema = detailSchemas(registry, method.desc.parent);
        const addLocalizedMessage = localizerFor(method.contract, localization);
        const contractChecks = contracts === "off" ? undefined : new ContractChecks(method, contracts);
        return [method.path, routeTo({ ...method, ...settings, findSchema, addLocalizedMessage, contractChecks })];
      }),
    );
  }

  find(path: string): Route | undefined {
    return this.#routes.get(path);
  }

  routeOfUnknown(path: string): Route | undefined {
    if (this.#settings.interceptors.length === 0) return undefined;
    const unused = { addLocalizedMessage: undefined, contractChecks: undefined };
    return routeTo({ ...unknownMethod(path), ...this.#settings, ...unused });
  }

  /** Calls the hook of services whose server has been created. @throws what a hook throws */
  announce(services: readonly Service[]): void {
    for (const service of services)
      Promise.resolve(service.$onServerCreated?.(services)).catch((error) => this.report(error, {}));
  }

  report(error: unknown, info: ReportInfo): void {
    this.#settings.onError(error, info);
  }
}

/** What all methods of a server have in common. */
type SharedSettings = Pick<ServedMethod, "onError" | "relayErrors" | "interceptors" | "takeTurn" | "findSchema">;

function routeTo(method: ServedMethod): Route {
  const Call = method.interceptors.length === 0 ? ServerCall : InterceptedServerCall;
  return { method, handle: (call, head) => new Call(method, call, head).start() };
}
