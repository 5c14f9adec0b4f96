import { onTestFinished } from "vitest";
import type { TestServiceStub } from "../gen/test/v1/test_grpclib.js";

/** Calls that are made one after the other by several callers, until the first one fails. */
export class Load {
  /** The texts of the responses so far. */
  readonly answered: string[] = [];
  readonly failures: unknown[] = [];
  readonly #stub: TestServiceStub;
  readonly #callers: readonly Promise<void>[];
  #running = true;

  /** Starts the callers. They stop when the test is over. */
  constructor(stub: TestServiceStub, callers = 10) {
    this.#stub = stub;
    this.#callers = Array.from({ length: callers }, () => this.#call());
    onTestFinished(() => {
      this.#running = false;
    });
  }

  /** The different texts of the last responses, in order. @throws the error of the call that has failed, if any */
  recent(count = 50): string[] {
    if (this.failures.length > 0) throw this.failures[0];
    return [...new Set(this.answered.slice(-count))].sort();
  }

  /** Stops the callers. Resolves when their calls are over. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#callers);
  }

  async #call(): Promise<void> {
    while (this.#running) {
      try {
        this.answered.push((await this.#stub.unary({})).text);
      } catch (error) {
        this.failures.push(error);
        this.#running = false;
      }
    }
  }
}
