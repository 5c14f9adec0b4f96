import { EventEmitter, on } from "node:events";

/** Tells any number of streams that something has changed. */
export class Updates {
  readonly #emitter = new EventEmitter();

  notify(): void {
    this.#emitter.emit("item");
  }

  /** The requests of a stream, and `undefined` for each change. It ends with the requests. */
  async *mergedWith<T>(requests: AsyncIterable<T>): AsyncGenerator<T | undefined> {
    const merged = new EventEmitter();
    const items = on(merged, "item", { close: ["end"] });
    const onChange = () => merged.emit("item", undefined);
    this.#emitter.on("item", onChange);
    const reading = (async () => {
      for await (const request of requests) merged.emit("item", request);
    })();
    // The stream ends with its requests, also if the client has cancelled it.
    const done = reading.then(
      () => merged.emit("end"),
      () => merged.emit("end"),
    );
    try {
      for await (const [item] of items) yield item;
    } finally {
      this.#emitter.off("item", onChange);
      await done;
    }
  }
}
