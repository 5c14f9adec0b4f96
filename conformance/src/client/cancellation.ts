import type { ClientCompatRequest_Cancel } from "../gen/connectrpc/conformance/v1/client_compat_pb.js";

/** Cancels a call when a test case wants it. */
export class Cancellation {
  readonly #when: ClientCompatRequest_Cancel["cancelTiming"] | undefined;
  readonly #abortion = new AbortController();

  constructor(cancel: ClientCompatRequest_Cancel | undefined) {
    this.#when = cancel?.cancelTiming;
  }

  /** For the options of the call. */
  get signal(): AbortSignal {
    return this.#abortion.signal;
  }

  /** All requests have been sent, and their end is next. */
  onRequestsSent(): void {
    if (this.#when?.case === "beforeCloseSend") this.#abortion.abort();
  }

  /** The end of the requests is sent. */
  onRequestsEnded(): void {
    if (this.#when === undefined || this.#when.case === "beforeCloseSend") return;
    if (this.#when.case === "afterNumResponses") return;
    setTimeout(() => this.#abortion.abort(), this.#when.value ?? 0);
  }

  /** A response has been read. */
  onResponse(count: number): void {
    if (this.#when?.case === "afterNumResponses" && this.#when.value === count) this.#abortion.abort();
  }
}
