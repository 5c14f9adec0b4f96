import type { ClientCompatRequest_Cancel } from "../gen/connectrpc/conformance/v1/client_compat_pb.js";

/** Cancels a call at the point that its test case specifies. */
export class Cancellation {
  readonly #when: ClientCompatRequest_Cancel["cancelTiming"] | undefined;
  readonly #abortController = new AbortController();

  constructor(cancel: ClientCompatRequest_Cancel | undefined) {
    this.#when = cancel?.cancelTiming;
  }

  /** The signal for the options of the call. */
  get signal(): AbortSignal {
    return this.#abortController.signal;
  }

  /** Call this when all requests have been sent, before the end of the requests is sent. */
  onRequestsSent(): void {
    if (this.#when?.case === "beforeCloseSend") this.#abortController.abort();
  }

  /** Call this when the end of the requests has been sent. */
  onRequestsEnded(): void {
    if (this.#when === undefined || this.#when.case === "beforeCloseSend") return;
    if (this.#when.case === "afterNumResponses") return;
    setTimeout(() => this.#abortController.abort(), this.#when.value ?? 0);
  }

  /** Call this after each response, with the number of responses so far. */
  onResponse(count: number): void {
    if (this.#when?.case === "afterNumResponses" && this.#when.value === count) this.#abortController.abort();
  }
}
