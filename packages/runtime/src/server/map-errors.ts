import { checkOptions, type OptionNames } from "../core/check-options.js";
import { textOf } from "../core/text-of.js";
import { tryOrUndefined } from "../core/try-or-undefined.js";
import { contractBehind, type MethodErrors } from "../errors/contract.js";
import { GRPCError } from "../errors/error.js";
import { type CheckedMapping, checkMappings, type ErrorMappings, matches } from "./error-mapping.js";
import type { InterceptedServerCall, ServerInterceptor } from "./interceptor.js";
import { withheldOutcome } from "./outcome.js";

/** Options of {@link mapErrors}. */
export interface MapErrorsOptions<E extends GRPCError = GRPCError> {
  /**
   * The errors that a method declares, such as `LibraryServiceErrors.GetBook`. The mappings
   * then apply to calls of this method only, and their functions have to return one of
   * these errors. Default: all methods, and any `GRPCError`.
   */
  readonly errors?: MethodErrors<E> | undefined;
  /** Whether each exception that is mapped goes to `onError`, too. Default: false. */
  readonly report?: boolean | undefined;
}

const optionNames: OptionNames<MapErrorsOptions> = { errors: true, report: true };

/**
 * Creates an interceptor that turns the exceptions of an application into errors
 * for clients.
 *
 * ```ts
 * class Busy extends Error {}
 *
 * const server = new Server([new Library()], {
 *   interceptors: [mapErrors([[Busy, () => new GRPCError(Status.UNAVAILABLE, "Try again")]])],
 * });
 * ```
 *
 * The first mapping whose class an exception is an instance of counts. A `GRPCError`
 * is only matched by `GRPCError` and classes that extend it, so a mapping for `Error`
 * is for all other exceptions. What nothing matches passes unchanged, and so does
 * what is thrown after the call was cancelled, because no client gets it.
 *
 * The exception becomes the `cause` of the error, unless the function has set another
 * one. It does not go to `onError`, unless the option `report` is true, or the error
 * cannot be given a cause, for example because it is frozen.
 *
 * If a function throws, or returns anything but a `GRPCError`, the client gets
 * UNKNOWN, as for an exception that is not mapped. `onError` gets an error with the
 * exception as its `cause`. If the function threw, it is an `AggregateError`, whose
 * `errors` have what was thrown.
 *
 * @throws TypeError if the mappings are not a list of pairs of a class and a function,
 *   if one can never be used because an earlier one is for the same class or for one
 *   that it extends, or if an option is invalid
 */
export function mapErrors<const Xs extends readonly unknown[], E extends GRPCError = GRPCError>(
  mappings: ErrorMappings<Xs, NoInfer<E>>,
  options: MapErrorsOptions<E> = {},
): ServerInterceptor {
  const checked = checkMappings(mappings);
  const { path, report } = checkSettings(options);
  return async (call, next) => {
    try {
      await next();
    } catch (exception) {
      if ((path !== undefined && call.method.path !== path) || call.signal.aborted) throw exception;
      throw await errorFor(exception, checked, call, report);
    }
  };
}

/** What to throw in place of an exception: the exception itself if there is no mapping for it. Never rejects. */
async function errorFor(
  exception: unknown,
  mappings: readonly CheckedMapping[],
  call: InterceptedServerCall,
  report: boolean,
): Promise<unknown> {
  for (const mapping of mappings) {
    let step = `instanceof ${mapping.name}`;
    try {
      if (!matches(exception, mapping)) continue;
      step = `the function for ${mapping.name}`;
      const error: unknown = await mapping.map(exception, call);
      if (!(error instanceof GRPCError)) {
        const what = `${step} returned ${textOf(error)}, not a GRPCError`;
        return failed(call, new Error(failure(what, call), { cause: exception }));
      }
      if (!setCause(error, exception) || report) call.report(exception);
      return error;
    } catch (mistake) {
      const advice = mistake instanceof GRPCError ? " Return the error instead of throwing it." : "";
      const text = failure(`${step} threw an error`, call) + advice;
      return failed(call, new AggregateError([mistake], text, { cause: exception }));
    }
  }
  return exception;
}

/** Reports a mistake here, because interceptors outside may catch it. They and the client get a `GRPCError`. */
function failed(call: InterceptedServerCall, mistake: Error): GRPCError {
  call.report(mistake);
  const { status, message } = withheldOutcome;
  return new GRPCError(status, message, undefined, { cause: mistake });
}

const failure = (what: string, { method }: InterceptedServerCall): string =>
  `mapErrors: ${what}, so the client of ${method.path} gets UNKNOWN.`;

/** The errors that have got their cause here. A function may return the same error for each exception. */
const givenCauses = /*@__PURE__*/ new WeakSet<GRPCError>();

/** Makes an exception the cause of an error, unless it has one. @returns false if that is not possible */
function setCause(error: GRPCError, exception: unknown): boolean {
  if (error === exception) return true;
  if (tryOrUndefined(() => error.cause) !== undefined && !givenCauses.has(error)) return true;
  // A cycle of causes would be endless for programs that follow them.
  if (isCauseOf(error, exception)) return false;
  givenCauses.add(error);
  return Reflect.defineProperty(error, "cause", { value: exception, writable: true, configurable: true });
}

function isCauseOf(error: GRPCError, exception: unknown): boolean {
  let cause = exception;
  // The limit is for circular causes.
  for (let depth = 0; cause !== undefined && depth < 100; depth += 1) {
    if (cause === error) return true;
    const effect = Object(cause);
    cause = tryOrUndefined((): unknown => effect.cause);
  }
  return false;
}

/** The path of the method whose errors are mapped, `undefined` for all methods, and the option `report`. */
function checkSettings(options: MapErrorsOptions): { readonly path: string | undefined; readonly report: boolean } {
  checkOptions("mapErrors", options, optionNames);
  const { errors, report = false } = options;
  if (typeof report !== "boolean") throw new TypeError(`report takes true or false, got ${textOf(report)}`);
  const contract = contractBehind(Object(errors));
  if (errors !== undefined && contract === undefined) {
    const example = "as in { errors: LibraryServiceErrors.GetBook }";
    throw new TypeError(`errors takes the errors that a method declares, ${example}, got ${textOf(errors)}`);
  }
  return { path: contract?.path, report };
}
