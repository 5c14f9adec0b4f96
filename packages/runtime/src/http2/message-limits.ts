import { checkNumber } from "../core/check-number.js";

/** Options that limit the size of messages. */
export interface MessageLimitOptions {
  /**
   * A received message that is larger, after decompression too, fails its call
   * with RESOURCE_EXHAUSTED. In bytes. Default: 4 MiB.
   */
  readonly maxReceiveMessageBytes?: number | undefined;
  /**
   * A message that is larger, before compression, is not sent: its call fails
   * with RESOURCE_EXHAUSTED. In bytes. Default: no limit.
   */
  readonly maxSendMessageBytes?: number | undefined;
}

/** Sizes of messages, in bytes. */
export interface MessageLimits {
  readonly maxReceiveBytes: number;
  readonly maxSendBytes: number;
}

/** Fills in the defaults. @throws TypeError for what is no number of bytes */
export function messageLimits(options: MessageLimitOptions): MessageLimits {
  const maxReceiveBytes = options.maxReceiveMessageBytes ?? 4 * 1024 * 1024;
  const maxSendBytes = options.maxSendMessageBytes ?? Number.POSITIVE_INFINITY;
  return {
    maxReceiveBytes: checkNumber("maxReceiveMessageBytes", maxReceiveBytes, "bytes"),
    maxSendBytes: checkNumber("maxSendMessageBytes", maxSendBytes, "bytes"),
  };
}
