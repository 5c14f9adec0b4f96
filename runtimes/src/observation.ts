/** What the handler of a call has observed so far. */
export class Observation {
  started = false;
  /** The reason with which the signal of the call has aborted. */
  reason = "";
  /** How many responses the transport has taken. */
  responses = 0;

  start(signal: AbortSignal): void {
    this.started = true;
    signal.addEventListener("abort", () => {
      this.reason = describe(signal.reason);
    });
  }
}

function describe(reason: unknown): string {
  return reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
}
