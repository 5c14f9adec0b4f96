import * as checkNumber from "../core/check-number.js";
import type { OptionNames } from "../core/check-options.js";

/** Options that limit the size of messages. */
export interface MessageLimitOptions {
  /**
   * The largest message to receive, in bytes. A larger one, whether as sent or
   * after decompression, fails its call with RESOURCE_EXHAUSTED. Default: 4 MiB.
   */
  readonly maxReceiveMessageBytes?: number | undefined;
  /**
   * The largest message to send, in bytes before compression. A larger one is
   * not sent, and fails its call with RESOURCE_EXHAUSTED. Default: no limit.
   */
  readonly maxSendMessageBytes?: number | undefined;
}

export const messageLimitNames: OptionNames<MessageLimitOptions> = {
  maxReceiveMessageBytes: true,
  maxSendMessageBytes: true,
};

/** The largest messages, in bytes. */
export interface MessageLimits {
  readonly maxReceiveBytes: number;
  readonly maxSendBytes: number;
}

/** Checks the options and fills in the defaults. @throws TypeError if a limit is not a number of bytes */
export function messageLimits(options: MessageLimitOptions): MessageLimits {
  const maxReceiveBytes = options.maxReceiveMessageBytes ?? 4 * 1024 * 1024;
  const maxSendBytes = options.maxSendMessageBytes ?? Number.POSITIVE_INFINITY;
  return {
    maxReceiveBytes: checkNumber.bytes("maxReceiveMessageBytes", maxReceiveBytes),
    maxSendBytes: checkNumber.bytes("maxSendMessageBytes", maxSendBytes),
  };
}
