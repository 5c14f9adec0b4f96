import { PREFIX_LENGTH } from "../wire/frame.js";

/** Finds where a number of messages ends in the body of a response. */
export class MessageCounter {
  #remaining: number;
  #prefix: number[] = [];
  /** The bytes of the current message that are to come. */
  #body = 0;

  /** @param messages one or more */
  constructor(messages: number) {
    this.#remaining = messages;
  }

  /** @returns the length of the part of these bytes that ends with the last message; `undefined` if it does not end here */
  find(bytes: Uint8Array): number | undefined {
    for (let at = 0; at < bytes.length; ) {
      if (this.#prefix.length < PREFIX_LENGTH) {
        this.#prefix.push(bytes[at] ?? 0);
        at += 1;
        if (this.#prefix.length < PREFIX_LENGTH) continue;
        this.#body = Buffer.from(this.#prefix).readUInt32BE(1);
      } else {
        const part = Math.min(this.#body, bytes.length - at);
        this.#body -= part;
        at += part;
      }
      if (this.#body > 0) continue;
      this.#prefix = [];
      this.#remaining -= 1;
      if (this.#remaining === 0) return at;
    }
    return undefined;
  }
}
