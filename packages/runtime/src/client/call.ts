import type { Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { CallEnd } from "../core/call-end.js";
import { Deadline } from "../core/deadline.js";
import { Inbox } from "../core/inbox.js";
import { Metadata } from "../core/metadata.js";
import type { Method } from "../core/method.js";
import { Status } from "../core/status.js";
import type { ClientStream, ResponseListener, Transport } from "../transport/client.js";
import type { CallOptions } from "./call-options.js";
import { abandoned, callError, cancelledBy, deadlineExceeded, notEncodable, wrongResponseCount } from "./outcome.js";

/** How a call ended: with a status, or with an error of the caller's own code. */
type Outcome = { readonly end: CallEnd } | { readonly thrown: unknown };

/** One outgoing call, from its start to its outcome. The four kinds of methods are thin over it. */
export class ClientCall implements ResponseListener {
  readonly #method: Method;
  readonly #transport: Transport;
  readonly #options: CallOptions;
  readonly #inbox: Inbox = new Inbox({ pause: () => this.#stream?.pause(), resume: () => this.#stream?.resume() });
  readonly #cleanUps: (() => void)[] = [];
  #stream: ClientStream | undefined;
  #outcome: Outcome | undefined;
  #drained: (() => void) | undefined;

  /** Starts the call. @throws TypeError for options that cannot be sent */
  constructor(method: Method, transport: Transport, options: CallOptions) {
    this.#method = method;
    this.#transport = transport;
    this.#options = options;
    const deadline = deadlineOf(options);
    const signals = [options.signal, options.parent?.signal].filter((signal) => signal !== undefined);
    const metadata = options.metadata === undefined ? undefined : new Metadata(options.metadata);

    const aborted = signals.find((signal) => signal.aborted);
    if (aborted !== undefined || deadline?.expired) {
      this.#settled({ end: aborted === undefined ? deadlineExceeded : cancelledBy(aborted) });
      return;
    }

    const timeout = deadline === undefined ? undefined : (givenTimeout(options) ?? deadline.remaining());
    const request = { method, metadata, timeout, waitForReady: options.waitForReady ?? false };
    this.#stream = transport.start(request, this);
    if (deadline !== undefined) this.#cleanUps.push(deadline.onExpired(() => this.#abort({ end: deadlineExceeded })));
    for (const signal of signals) this.#watch(signal);
  }

  /** Whether the outcome is known. Messages may still be unread. */
  get over(): boolean {
    return this.#outcome !== undefined;
  }

  /** Runs a function when the outcome is known. */
  onOver(callback: () => void): void {
    if (this.over) callback();
    else this.#cleanUps.push(callback);
  }

  /** Sends a request. @returns a promise to wait for when the peer does not keep up */
  send(request: object, last: boolean): Promise<void> | undefined {
    if (this.over) return undefined;
    try {
      const message = create(this.#method.desc.input, request as Record<string, unknown>);
      if (this.#stream?.send(message, last) !== false || last) return undefined;
    } catch (error) {
      this.#abort({ end: notEncodable(error) });
      return undefined;
    }
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Sends the end of the requests. */
  end(): void {
    if (!this.over) this.#stream?.end();
  }

  /** The next response; `undefined` once the call has succeeded. @throws GRPCError if it has not */
  async receive(): Promise<Message | undefined> {
    const message = await this.#inbox.read();
    if (message === undefined) this.#throwUnlessOk();
    return message;
  }

  /** The only response of a call. @throws GRPCError if the call did not succeed */
  async receiveOnly(): Promise<Message> {
    let first: Message | undefined;
    let count = 0;
    for (let message = await this.#inbox.read(); message !== undefined; message = await this.#inbox.read()) {
      first ??= message;
      count += 1;
    }
    this.#throwUnlessOk();
    if (first === undefined || count > 1) throw this.#error(wrongResponseCount(count));
    return first;
  }

  /** Resets the call if it is not over. */
  cancel(): void {
    this.#abort({ end: abandoned });
  }

  /** Ends the call with an error of the caller's own code, which the caller gets unchanged. */
  fail(error: unknown): void {
    this.#abort({ thrown: error });
  }

  onHeaders(headers: { readonly metadata: Metadata }): void {
    const { onHeaders } = this.#options;
    if (onHeaders !== undefined) this.#tell(() => onHeaders(headers.metadata));
  }

  onMessage(message: Message, bytes: number): void {
    this.#inbox.push(message, bytes);
  }

  onDrain(): void {
    this.#drained?.();
    this.#drained = undefined;
  }

  onEnd(end: CallEnd): void {
    if (this.over) return;
    const { onTrailers } = this.#options;
    if (onTrailers !== undefined && end.metadata !== undefined) {
      const { metadata } = end;
      this.#tell(() => onTrailers(metadata));
    }
    this.#settled({ end });
  }

  /** Settles the call before its end has come from the transport. */
  #abort(outcome: Outcome): void {
    if (this.over) return;
    this.#settled(outcome);
    this.#stream?.cancel();
  }

  #settled(outcome: Outcome): void {
    this.#outcome ??= outcome;
    this.#inbox.end();
    this.onDrain();
    for (const cleanUp of this.#cleanUps.splice(0)) cleanUp();
  }

  #watch(signal: AbortSignal): void {
    const onAbort = () => this.#abort({ end: cancelledBy(signal) });
    signal.addEventListener("abort", onAbort, { once: true });
    this.#cleanUps.push(() => signal.removeEventListener("abort", onAbort));
  }

  /** Calls one of the caller's hooks. */
  #tell(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.fail(error);
    }
  }

  #throwUnlessOk(): void {
    const outcome = this.#outcome;
    if (outcome === undefined) return;
    if ("thrown" in outcome) throw outcome.thrown;
    if (outcome.end.status !== Status.OK) throw this.#error(outcome.end);
  }

  #error(end: CallEnd): Error {
    return callError(end, { method: this.#method, peer: this.#stream?.peer, registry: this.#transport.registry });
  }
}

function deadlineOf(options: CallOptions): Deadline | undefined {
  const { timeout, deadline, parent } = options;
  return Deadline.earliest(
    timeout === undefined ? undefined : Deadline.after(timeout),
    deadline instanceof Date ? Deadline.at(deadline) : deadline,
    parent?.deadline,
  );
}

/** The timeout as the caller gave it: unlike what is left of a deadline it repeats, which compresses well (HPACK). */
function givenTimeout(options: CallOptions): number | undefined {
  return options.deadline === undefined && options.parent?.deadline === undefined ? options.timeout : undefined;
}
