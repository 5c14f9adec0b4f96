import { backoffDelay } from "../core/backoff.js";
import { GRPCError } from "../errors/error.js";
import { isDeclaredRetryable } from "../errors/retryable.js";
import { RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { endBehind, withAttempts } from "./attempt.js";
import type { ClientResult, InterceptedClientCall } from "./interceptor.js";
import type { RetrySettings } from "./retry-policy.js";
import type { RetryThrottle } from "./retry-throttle.js";

/** The attempts of one call: which of them have failed, and whether and when another one follows. */
export class RetriedCall {
  readonly #call: InterceptedClientCall;
  readonly #next: () => Promise<ClientResult>;
  readonly #settings: RetrySettings;
  readonly #throttle: RetryThrottle | undefined;
  readonly #errors: GRPCError[] = [];
  #started = 0;
  /** The times between attempts that were up to the policy, since the server last chose one. */
  #backoffs = 0;
  /** Whether the server does not want further attempts. */
  #stopped = false;

  constructor(
    call: InterceptedClientCall,
    next: () => Promise<ClientResult>,
    settings: RetrySettings,
    throttle: RetryThrottle | undefined,
  ) {
    this.#call = call;
    this.#next = next;
    this.#settings = settings;
    this.#throttle = throttle;
  }

  /** Makes an attempt. */
  async attempt(): Promise<ClientResult> {
    this.#started += 1;
    const result = await this.#next();
    this.#throttle?.onSuccess();
    return result;
  }

  /** Whether another attempt may start now. */
  get mayStart(): boolean {
    if (this.#stopped || this.#call.committed || this.#started >= this.#settings.maxAttempts) return false;
    return this.#throttle?.open ?? true;
  }

  /**
   * Takes note of a failed attempt.
   *
   * @param backoff the milliseconds to wait if the server does not say it. Default: those of the policy
   * @returns the milliseconds to wait before the next attempt; `undefined` if none follows
   */
  delayAfter(error: unknown, backoff?: number): number | undefined {
    // A call that the caller has cancelled says nothing about the server.
    if (!(error instanceof GRPCError) || this.#call.signal.aborted) return undefined;
    this.#errors.push(error);
    const pushback = endBehind(error)?.retryPushback;
    const counts = this.#settings.statuses.has(error.status) || this.#isDeclaredRetryable(error);
    this.#stopped ||= pushback === "never";
    if (counts || pushback === "never") this.#throttle?.onFailure();
    if (!this.mayStart || !this.isRetryable(error)) return undefined;
    const chosen = typeof pushback === "number" ? pushback : retryDelayOf(error);
    this.#backoffs = chosen === undefined ? this.#backoffs + 1 : 0;
    const delay = chosen ?? backoff ?? backoffDelay(this.#settings.backoff, this.#backoffs);
    // If the server has asked for more time than there is, no hedge may start before either.
    this.#stopped = delay >= (this.#call.deadline?.remaining() ?? Number.POSITIVE_INFINITY);
    return this.#stopped ? undefined : delay;
  }

  /** Whether a call may have further attempts after this error. */
  isRetryable(error: unknown): boolean {
    // If it has earlier attempts, a policy inside this one has repeated it.
    if (!(error instanceof GRPCError) || endBehind(error)?.attempts !== undefined) return false;
    if (this.#isDeclaredRetryable(error)) return true;
    if (!this.#settings.statuses.has(error.status)) return false;
    return this.#settings.mayRepeat(this.#call.method) || endBehind(error)?.unprocessed !== undefined;
  }

  /** Whether the method declares the error as retryable: the server has done nothing. */
  #isDeclaredRetryable(error: GRPCError): boolean {
    return isDeclaredRetryable(error, this.#call.method.path);
  }

  /** Reports that another attempt follows. @returns the result of `onRetry`, perhaps a promise. @throws what it throws */
  announce(error: unknown, delay: number): unknown {
    const { method } = this.#call;
    const event = { method, attempt: this.#started + 1, error: error as GRPCError | undefined, delay };
    return this.#settings.onRetry?.(event);
  }

  /** The error of the call, if it fails with that of an attempt. */
  failure(error: unknown): unknown {
    const others = this.#errors.filter((each) => each !== error);
    return withAttempts(error, others);
  }
}

/** The time that a `google.rpc.RetryInfo` in the error asks to wait, in milliseconds. */
function retryDelayOf(error: GRPCError): number | undefined {
  const delay = error.detail(RetryInfoSchema)?.retryDelay;
  return delay && Math.max(Number(delay.seconds) * 1000 + delay.nanos / 1e6, 0);
}
